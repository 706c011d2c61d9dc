package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// verdicts are how they are called.
var verdicts = map[compare.Verdict]string{
	compare.New: "new", compare.Missing: "missing", compare.Slower: "slower", compare.Faster: "faster",
	compare.MoreErrors: "more errors", compare.FewerErrors: "fewer errors", compare.MoreCalls: "more calls", compare.FewerCalls: "fewer calls",
	compare.Same: "same", compare.NotEnoughData: "not enough data",
}

// name says which group it is. show makes strings from spans harmless.
func name(id *snapshot.Identity, show func(string) string) string {
	text, _ := fit([]clause{said(namePieces(id, show)...)}, "", 0)
	return text
}

// namePieces is the name in pieces. Those that come from spans can be cut, but not the names of services, which people look for.
func namePieces(id *snapshot.Identity, show func(string) string) []piece {
	n := func(s string) piece { return elastic(show(s)) }
	service := fixed(show(id.Service) + " ")
	switch id.Kind {
	case snapshot.Total:
		return []piece{fixed("all traces")}
	case snapshot.Service:
		return []piece{fixed("service " + show(id.Value))}
	case snapshot.Operation:
		return []piece{service, n(id.Value)}
	case snapshot.Edge:
		return []piece{fixed(show(id.CallerService) + " "), n(id.Caller), fixed(" -> "), service, n(id.Value)}
	case snapshot.Path:
		return append([]piece{fixed("path of "), service, n(id.Value)}, pathPieces(id.PathID, show)...)
	default:
		return []piece{n(id.Key), fixed(" = "), n(id.Value)}
	}
}

// pathPieces is which path it is.
func pathPieces(id string, show func(string) string) []piece {
	if id == "" {
		return []piece{fixed(" (incomplete traces)")}
	}
	return []piece{fixed(" ("), elastic(show(id)), fixed(")")}
}

// subject says what a change is about.
func subject(c *compare.Change, show func(string) string) string {
	switch c.Measure {
	case compare.Waiting:
		return name(&c.Identity, show) + ", network and queueing"
	case compare.Slowest:
		return name(&c.Identity, show) + ", slowest calls"
	}
	return name(&c.Identity, show)
}

// figures says what it was, what it is, and by how much it changed.
func figures(c *compare.Change) (before, after, effect string) {
	a, b, unit := Measured(c)
	switch unit {
	case wire.UnitSeconds:
		return known(a, duration), known(b, duration), interval(c, ratio)
	case wire.UnitShareOfTraces:
		return known(a, percentage), known(b, percentage), interval(c, points)
	case wire.UnitCallsPerTrace:
		return known(a, calls), known(b, calls), interval(c, ratio)
	default:
		return traces(c.A.Traces), traces(c.B.Traces), interval(c, points)
	}
}

// interval is an effect with its confidence interval.
func interval(c *compare.Change, write func(float64) string) string {
	if math.IsNaN(c.Effect) {
		return unknown
	}
	text := write(c.Effect)
	if c.Measure == compare.Errors || c.Measure == compare.Presence {
		text = signed(c.Effect) + " points"
		if c.Measure == compare.Presence {
			return text + " of the traces"
		}
	}
	return fmt.Sprintf("%s (%s to %s)", text, known(c.Low, write), known(c.High, write))
}

// phrase says what a change is, with its figures.
func phrase(c *compare.Change, v compare.Verdict) string {
	text := verdicts[v]
	switch c.Measure {
	case compare.Waiting:
		text += " network and queueing"
	case compare.Slowest:
		return "slowest calls " + text + ", " + moved(c, v) + " on average"
	}
	return text + ", " + moved(c, v)
}

// moved are the figures of a change.
func moved(c *compare.Change, v compare.Verdict) string {
	a, b, unit := Measured(c)
	switch {
	case unit == wire.UnitSeconds:
		return between(known(a, duration), known(b, duration))
	case unit == wire.UnitShareOfTraces:
		return between(known(a, percentage), known(b, percentage))
	case unit == wire.UnitCallsPerTrace:
		return between(known(a, calls), known(b, calls))
	case v == compare.New:
		return "in " + traces(c.B.Traces)
	case v == compare.Missing:
		return "was in " + traces(c.A.Traces)
	}
	return between(traces(c.A.Traces), traces(c.B.Traces))
}

// note is what else has to be said of a change.
func (p *speaker) note(r *row) string {
	c := r.Change
	var notes []string
	if r.cause > 0 && !flagged(c) {
		notes = append(notes, likely)
	}
	switch {
	case c.Standing == compare.Lasting && !c.Since.IsZero():
		notes = append(notes, "lasting since "+p.clock(c.Since)+fading(c))
	case c.Standing == compare.Cleared:
		notes = append(notes, p.over(c))
	case c.Standing != "":
		notes = append(notes, string(c.Standing))
	}
	if len(c.Exemplars) > 0 {
		notes = append(notes, "trace "+p.show(c.Exemplars[0]))
	}
	return strings.Join(notes, "; ")
}

// fading says of a change that lasts whether the newer window shows it.
func fading(c *compare.Change) string {
	if c.Fading {
		return ", not in this window"
	}
	return ""
}

// over says since when a change is over, and why.
func (p *speaker) over(c *compare.Change) string {
	began := ""
	if !c.Since.IsZero() {
		began = ", began " + p.clock(c.Since)
	}
	switch {
	case c.Reason == compare.BaselineReplaced:
		return "cleared: its baseline was replaced, it may still be there" + began
	case !c.Ended.IsZero():
		return "cleared: gone since " + p.clock(c.Ended) + began
	}
	return "cleared: gone" + began
}

// headline says what came out.
func headline(d *compare.Diff, a *Arranged) string {
	over := 0
	for _, c := range a.Changes {
		if c.Standing == compare.Cleared {
			over++
		}
	}
	text := "No change is flagged"
	if n := Flagged(d); n > 0 {
		text = number(n, "change") + " flagged"
		if len(a.Groups) > 0 {
			text = number(len(a.Groups), "cause") + ", " + text
		}
	}
	if over > 0 {
		text += ", " + number(over, "change") + " cleared"
	}
	return text
}

// number writes how many there are.
func number(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// basis says what the answer rests on.
func basis(d *compare.Diff) string {
	history := "no history, so the stated prior of how much windows differ"
	if d.History > 0 {
		history = fmt.Sprintf("how much windows differ learned from %d pairs", d.History)
		if d.History == 1 {
			history = "how much windows differ learned from one pair"
		}
	}
	return fmt.Sprintf("%d tests, false discovery rate %v; %s", d.Tests, d.Thresholds.FDR, history)
}

// unsure says how many of the comparisons and groups there was not enough data for; empty where there always was.
func unsure(d *compare.Diff) string {
	comparisons := 0
	for i := range d.Changes {
		if d.Changes[i].Verdict == compare.NotEnoughData {
			comparisons++
		}
	}
	if comparisons == 0 {
		return ""
	}
	groups, all := unknownGroups(d)
	return fmt.Sprintf("Not enough data for %d of %d comparisons; nothing can be said about %d of %d groups.", comparisons, len(d.Changes), groups, all)
}

// unknownGroups counts the groups about which nothing could be said.
func unknownGroups(d *compare.Diff) (unknown, all int) {
	known := map[snapshot.Identity]bool{}
	for i := range d.Changes {
		c := &d.Changes[i]
		known[c.Identity] = known[c.Identity] || c.Verdict != compare.NotEnoughData
	}
	for _, of := range known {
		if !of {
			unknown++
		}
	}
	return unknown, len(known)
}

// window says which window a side is.
func window(s *compare.Side) string {
	const layout = "2006-01-02 15:04:05"
	from, until := s.Start.UTC(), s.End.UTC()
	text := from.Format(layout) + " to " + until.Format("15:04:05")
	if from.YearDay() != until.YearDay() || until.Sub(from) > 24*time.Hour {
		text = from.Format(layout) + " to " + until.Format(layout)
	}
	if s.State != snapshot.Complete && s.State != "" {
		text += ", " + string(s.State)
	}
	return text
}

// doubts are what makes one wonder about a side.
func doubts(s *compare.Side) []string {
	c := &s.Coverage
	var list []string
	for _, d := range []struct {
		n    uint64
		what string
	}{
		{c.Orphans, "spans without their parent"},
		{c.Duplicates, "duplicate spans, counted once"},
		{c.Late, "late spans, left out"},
		{c.Future, "spans from the future, left out"},
		{c.Overflow, "contributions beyond a limit, in overflow groups"},
		{c.Dropped, "spans that memory had no room for"},
		{c.Invalid, "spans without an id, left out"},
		{c.Untimed, "spans without a start, left out"},
		{c.WithoutEnd, "spans without an end, their duration counted as 0"},
	} {
		if d.n > 0 {
			list = append(list, count(d.n)+" "+d.what)
		}
	}
	return list
}
