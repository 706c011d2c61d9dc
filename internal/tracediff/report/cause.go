package report

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Cause says in one line where it happened and what, and in a second one since when, what follows from it, and how to look
// at it. Names from spans are shown as they are; show makes them harmless.
func Cause(d *compare.Diff, c *compare.Cause, show func(string) string) (what, follows string) {
	return where(d, c, show) + happened(d, c, show), strings.Join(consequences(d, c, show), "; ")
}

// where is the service, and its new version if it was deployed.
func where(d *compare.Diff, c *compare.Cause, show func(string) string) string {
	var deployed string
	if v := c.Deployed; v != nil {
		deployed = " " + show(v.From) + " -> " + show(v.To)
		if v.Service != c.Service {
			deployed = " (" + show(v.Service) + deployed + ")"
		}
	}
	if c.Service == "" {
		return name(&d.Changes[c.Main].Identity, show) + deployed + ": "
	}
	return show(c.Service) + deployed + ": "
}

// happened is what changed at the site.
func happened(d *compare.Diff, c *compare.Cause, show func(string) string) string {
	m := &d.Changes[c.Main]
	what := ""
	if m.Kind == snapshot.Operation || m.Kind == snapshot.Edge {
		what = show(m.Value) + " "
	}
	switch c.Measure {
	case compare.Waiting:
		return fmt.Sprintf("calls wait %s for it, %s before", duration(m.B.GeoWait), duration(m.A.GeoWait))
	case compare.Latency:
		return fmt.Sprintf("%s%s, %s -> %s", what, words[c.Verdict], duration(m.A.GeoMean), duration(m.B.GeoMean))
	case compare.Errors:
		return fmt.Sprintf("%sfails in %s -> %s of its traces", what, percentage(m.A.ErrorTrace), percentage(m.B.ErrorTrace))
	case compare.CallRate:
		return fmt.Sprintf("%s%s, %s -> %s a trace", what, words[c.Verdict], digits(m.A.PerTrace), digits(m.B.PerTrace))
	default:
		n := m.B.Traces
		if c.Verdict == compare.Missing {
			n = m.A.Traces
		}
		if m.Kind == snapshot.Edge {
			what = "call from " + show(m.CallerService) + " " + show(m.Caller) + " to " + what
		}
		return fmt.Sprintf("%sis %s, in %s traces", what, words[c.Verdict], count(n))
	}
}

// consequences are what else is to be said of a cause.
func consequences(d *compare.Diff, c *compare.Cause, show func(string) string) (list []string) {
	m := &d.Changes[c.Main]
	switch {
	case !c.Onset.IsZero() && !c.Ended.IsZero():
		list = append(list, "from "+c.Onset.UTC().Format("15:04:05")+" to "+c.Ended.UTC().Format("15:04:05"))
	case !c.Onset.IsZero():
		list = append(list, "since "+c.Onset.UTC().Format("15:04:05"))
	case !m.Since.IsZero():
		list = append(list, "since "+m.Since.UTC().Format("15:04:05"))
	}
	if c.Measure == compare.Waiting {
		list = append(list, "network or queue, from "+show(m.CallerService)+" "+show(m.Caller))
	}
	if !m.Flagged {
		list = append(list, "likely")
	}
	if m.Standing != "" {
		list = append(list, string(m.Standing))
	}
	if rest := len(c.Explains); rest > 0 && c.Symptom >= 0 {
		s := &d.Changes[c.Symptom]
		before, after, _ := figures(s)
		text := fmt.Sprintf("%s %s, %s -> %s", name(&s.Identity, show), words[s.Verdict], before, after)
		if rest > 1 {
			text += fmt.Sprintf(" and %d more", rest-1)
		}
		list = append(list, text)
	}
	if len(m.Exemplars) > 0 {
		list = append(list, "trace "+show(m.Exemplars[0]))
	}
	return list
}

// columns is how wide a line may be.
const columns = 80

// fit cuts a line in its middle, so that its end, where the figures stand, stays.
func fit(line string) string {
	n := utf8.RuneCountInString(line)
	if n <= columns {
		return line
	}
	r := []rune(line)
	keep := columns - 1
	head := keep * 2 / 5
	return string(r[:head]) + "…" + string(r[n-(keep-head):])
}

// known writes a number, and a dash where it is not known.
func known(v float64, write func(float64) string) string {
	if math.IsNaN(v) {
		return "-"
	}
	return write(v)
}
