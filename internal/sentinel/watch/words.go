package watch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// verbs are how each harm is told while it goes on, and when it is over.
var verbs = [harms][2]string{
	lost: {"has lost", "lost"}, changed: {"has changed", "changed"}, doubled: {"has doubled", "doubled"}, delayed: {"has delayed", "delayed"},
	refused: {"lacks, refused by the pipeline at the receiver,", "lacked, refused by the pipeline at the receiver,"},
}

// say tells what is wrong as the predicate of a sentence, such as "has lost 20 % of the traces since 14:03:10 UTC: spans of catalog". horizon is the
// last slot of which all is known. It is empty where nothing is.
func (t *troubles) say(now time.Time, horizon uint32) string {
	var parts []string
	for h, e := range t.of {
		if e != nil {
			parts = append(parts, t.sayOne(harm(h), e, now, horizon))
		}
	}
	return strings.Join(parts, ", and ")
}

func (t *troubles) sayOne(h harm, e *episode, now time.Time, horizon uint32) string {
	since := clockTime(traffic.SlotStart(e.first), now)
	if h == strange {
		return fmt.Sprintf("has seen %s since %s that cannot be: %s", amount(e.traces, "trace"), since, e.detail)
	}
	from, to := e.first, max(e.last, horizon)
	if e.last > e.first+1 {
		from++ // the harm began within the first
	}
	recent := to-e.first > uint32(sharesOver/traffic.SlotLength)
	if recent {
		from = to - uint32(sharesOver/traffic.SlotLength)
	}
	bad, all := t.count(h, from, e.last)
	over, later := false, uint64(0)
	if horizon > e.last {
		_, later = t.count(h, e.last+1, horizon)
		if h == delayed { // what is overdue may yet come late
			missing, _ := t.count(lost, e.last+1, horizon)
			later -= missing
		}
		over = bad > 0 && float64(later)*float64(bad)/float64(all) >= certainlyOver
	}
	what := ""
	if of := e.what(h); of != "" {
		what = ": " + of
	}
	switch {
	case over:
		return fmt.Sprintf("%s %s from %s to %s%s; none of the %s since", verbs[h][1], portion(bad, all), since,
			clockTime(traffic.SlotStart(e.last+1), now), what, amount(later, "trace"))
	case bad == 0:
		return fmt.Sprintf("%s %s since %s%s", verbs[h][0], amount(e.traces, "trace"), since, what)
	case recent:
		return fmt.Sprintf("%s traces since %s, %s in the last %v%s", verbs[h][0], since, portion(t.count(h, from, to)), sharesOver, what)
	}
	if bad, all = t.count(h, from, to); bad == all {
		what = strings.TrimSuffix(what, ": "+wholeTraces)
	}
	return fmt.Sprintf("%s %s since %s%s", verbs[h][0], portion(bad, all), since, what)
}

const wholeTraces = "whole traces"

// certainlyOver is how many traces should have been harmed since the last one, if it went on: that none is has a probability of e^-5.
const certainlyOver = 5.0

// portion says how many of all, as a person would.
func portion(bad, all uint64) string {
	share := 100 * float64(bad) / float64(max(1, all))
	switch {
	case bad == all && all > 1:
		return "all traces"
	case bad < 5:
		return fmt.Sprintf("%d of %s", bad, amount(all, "trace"))
	case share >= 99.5:
		return "nearly all traces"
	case share >= 10:
		return fmt.Sprintf("%.0f %% of the traces", share)
	case share >= 0.1:
		return fmt.Sprintf("%.1f %% of the traces", share)
	}
	return fmt.Sprintf("%d of %s", bad, amount(all, "trace"))
}

// what says which part of the traces is harmed.
func (e *episode) what(h harm) string {
	switch {
	case h == changed:
		return e.detail
	case h != lost:
		return only(e.entries, "those that begin at ")
	case 2*e.partial < e.traces:
		if of := only(e.entries, "those that begin at "); of != "" {
			return of
		}
		return wholeTraces
	}
	if of := only(e.absent, "spans of "); of != "" {
		return of
	}
	names := ranked(e.services)
	if float64(e.services[names[0]]) >= explains*float64(e.partial) || len(names) == 1 {
		return "spans of " + names[0]
	}
	if len(names) > 3 {
		return fmt.Sprintf("spans of %s and %d more services", strings.Join(names[:2], ", "), len(names)-2)
	}
	return "spans of " + strings.Join(names, ", ")
}

// explains is the share of the harmed traces that a service must be behind to be the one that is named.
const explains = 0.9

// only names the one that there is, where there is one, and it has been seen often enough for that to mean something.
func only(of map[string]uint64, prefix string) string {
	const often = 5
	for name, n := range of {
		if len(of) == 1 && n >= often && name != "" {
			return prefix + name
		}
	}
	return ""
}

// ranked returns the names, the most frequent first.
func ranked(of map[string]uint64) []string {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if of[a] != of[b] {
			return int(int64(of[b]) - int64(of[a]))
		}
		return strings.Compare(a, b)
	})
	return names
}

// amount writes a number of things.
func amount(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return number(n) + " " + thing + "s"
}

// number writes a number with its thousands apart.
func number(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// span writes a time in seconds with two digits.
func span(seconds float64) string {
	if seconds < 10 {
		return strconv.FormatFloat(seconds, 'g', 2, 64) + " s"
	}
	return strconv.FormatFloat(seconds, 'f', 0, 64) + " s"
}

// percent writes a share of 0 to 1 with as many digits as tell it from nothing and from all.
func percent(share float64) string {
	const most = 6
	for digits := 0; ; digits++ {
		text := strconv.FormatFloat(100*share, 'f', digits, 64)
		rounded, _ := strconv.ParseFloat(text, 64)
		if off := math.Abs(rounded/100 - share); off <= 0.05*min(share, 1-share) || digits == most {
			return text + " %"
		}
	}
}

// clockTime is a time of day, with the date where that is not today's.
func clockTime(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05 UTC")
	}
	return t.Format("2 January 15:04:05 UTC")
}
