package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// words are how verdicts are called.
var words = map[compare.Verdict]string{
	compare.New: "new", compare.Missing: "missing", compare.Slower: "slower", compare.Faster: "faster",
	compare.MoreErrors: "more errors", compare.FewerErrors: "fewer errors", compare.MoreCalls: "more calls", compare.FewerCalls: "fewer calls",
	compare.Same: "same", compare.NotEnoughData: "not enough data",
}

// name says which group it is. show makes strings from spans harmless.
func name(id *snapshot.Identity, show func(string) string) string {
	switch id.Kind {
	case snapshot.Total:
		return "all traces"
	case snapshot.Service:
		return "service " + show(id.Value)
	case snapshot.Operation:
		return show(id.Service) + " " + show(id.Value)
	case snapshot.Edge:
		return show(id.CallerService) + " " + show(id.Caller) + " -> " + show(id.Service) + " " + show(id.Value)
	case snapshot.Path:
		return "path of " + show(id.Service) + " " + show(id.Value) + " (" + show(id.PathID) + ")"
	default:
		return show(id.Key) + " = " + show(id.Value)
	}
}

// figures says what it was, what it is, and by how much it changed.
func figures(c *compare.Change) (before, after, effect string) {
	switch c.Measure {
	case compare.Latency:
		return duration(c.A.GeoMean), duration(c.B.GeoMean), fmt.Sprintf("%s (%s to %s)", ratio(c.Effect), ratio(c.Low), ratio(c.High))
	case compare.Waiting:
		return duration(c.A.GeoWait), duration(c.B.GeoWait), fmt.Sprintf("%s (%s to %s)", ratio(c.Effect), ratio(c.Low), ratio(c.High))
	case compare.Errors:
		return percentage(c.A.ErrorTrace), percentage(c.B.ErrorTrace),
			fmt.Sprintf("%+.2f points (%s to %s)", 100*c.Effect, points(c.Low), points(c.High))
	case compare.CallRate:
		return digits(c.A.PerTrace) + " a trace", digits(c.B.PerTrace) + " a trace", fmt.Sprintf("%s (%s to %s)", ratio(c.Effect), ratio(c.Low), ratio(c.High))
	default:
		return count(c.A.Traces) + " traces", count(c.B.Traces) + " traces", fmt.Sprintf("%+.2f points of the traces", 100*c.Effect)
	}
}

// note is what else has to be said of a change.
func note(c *compare.Change, show func(string) string) string {
	var notes []string
	if c.Standing != "" {
		notes = append(notes, string(c.Standing))
	}
	if len(c.Exemplars) > 0 {
		notes = append(notes, "trace "+show(c.Exemplars[0]))
	}
	return strings.Join(notes, "; ")
}

// Flagged is the number of changes that are flagged.
func Flagged(d *compare.Diff) int {
	n := 0
	for i := range d.Changes {
		if d.Changes[i].Flagged {
			n++
		}
	}
	return n
}

// headline says what came out.
func headline(d *compare.Diff) string {
	n := Flagged(d)
	switch n {
	case 0:
		return "No change is flagged"
	case 1:
		return "1 change is flagged"
	}
	return fmt.Sprintf("%d changes are flagged", n)
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

// unsure counts the groups about which nothing could be said.
func unsure(d *compare.Diff) (unknown, all int) {
	type about struct{ known bool }
	groups := map[snapshot.Identity]about{}
	for i := range d.Changes {
		c := &d.Changes[i]
		g := groups[c.Identity]
		g.known = g.known || c.Verdict != compare.NotEnoughData
		groups[c.Identity] = g
	}
	for _, g := range groups {
		if !g.known {
			unknown++
		}
	}
	return unknown, len(groups)
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
