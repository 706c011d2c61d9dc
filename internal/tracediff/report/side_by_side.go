package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// SideBySide is a comparison of two selections of traces, and how they were made.
type SideBySide struct {
	Diff  *compare.Diff
	Apart *compare.Apart
	A, B  string // how the traces of each side were selected, in the words of a query
	Both  uint64 // traces of B that A's query matches as well
	// Overlap says that traces which match both queries are on both sides, and nobody knows how many.
	Overlap bool
	// Attributes says which ones were captured and how, where that was found out from the traces; else nil.
	Attributes *Attributes
}

// Attributes are those that were not captured as they are.
type Attributes struct {
	Ranges   []string // numbers, in powers of two; common ones as they are
	Presence []string // only whether a trace has one, and which of the common ones
	LeftOut  []string // there was no place for them
	More     bool     // and for others, which were not even looked at
}

// telling is how many properties tell the selections apart.
func (s *SideBySide) telling() (n int) {
	for i := range s.Apart.Telling {
		n += 1 + len(s.Apart.Telling[i].Same)
	}
	return n
}

// Flagged is the number of what is flagged: what tells the selections apart, and changes beside that.
func (s *SideBySide) Flagged() int { return s.telling() + Flagged(s.beside()) }

// beside is the diff without what the properties say already.
func (s *SideBySide) beside() *compare.Diff {
	d, said := *s.Diff, s.Apart.Explains()
	d.Only(func(c *compare.Change) bool { return !said(c) })
	d.Name(d.ID, d.QueryID, d.Baseline, d.CalculatedAt)
	return &d
}

// headline says what came out.
func (s *SideBySide) headline() string {
	a := &s.Diff.A.Coverage
	b := &s.Diff.B.Coverage
	n := s.telling()
	switch {
	case !s.Apart.Enough:
		return "Not enough data to tell B from A: " + count(b.Traces) + " traces against " + count(a.Traces)
	case n == 0:
		return "Nothing that was compared tells B from A"
	case n == 1:
		return "1 property of traces tells B from A"
	}
	return count(uint64(n)) + " properties of traces tell B from A"
}

// basis says what the answer rests on.
func (s *SideBySide) basis() string {
	return fmt.Sprintf("%s compared: values of %s attributes, services, operations, paths, errors; false discovery rate %v",
		count(uint64(s.Apart.Tests)), count(uint64(s.Apart.Keys)), s.Apart.FDR)
}

// selection names a side.
func selection(query, rest string, show func(string) string) string {
	if query == "" {
		return rest
	}
	return show(query)
}

// property names what traces have.
func property(p *compare.Property, show func(string) string) string {
	what := name(&p.Identity, show)
	switch {
	case p.Failed && p.Kind == snapshot.Total:
		return "error at the root"
	case p.Failed:
		return "error in " + what
	case p.Kind == snapshot.Attribute && p.Value == "":
		return what + `""`
	}
	return what
}

// shares says how common a property is in A and B, and by how much that differs.
func shares(p *compare.Property) (a, b, difference string) {
	interval := ""
	if !math.IsNaN(p.Low) {
		interval = " (" + wholePoints(p.Low) + " to " + wholePoints(p.High) + ")"
	}
	sign := ""
	if p.Difference > 0 {
		sign = "+"
	}
	return percentage(p.ShareA), percentage(p.ShareB), sign + wholePoints(p.Difference) + " points" + interval
}

// wholePoints writes a difference of shares in percentage points, with a decimal where it is small.
func wholePoints(d float64) string {
	places := 0
	if math.Abs(d) < 0.0995 {
		places = 1
	}
	text := strconv.FormatFloat(100*d, 'f', places, 64)
	if strings.Trim(text, "-0.") == "" {
		return "0"
	}
	return text
}

// mostSame is how many other properties of the same traces are named.
const mostSame = 3

// sameTraces names the other properties of the same traces.
func sameTraces(p *compare.Property, show func(string) string) string {
	if len(p.Same) == 0 {
		return ""
	}
	var names []string
	for i := range p.Same[:min(mostSame, len(p.Same))] {
		names = append(names, property(&p.Same[i], show))
	}
	text := "the same traces: " + strings.Join(names, ", ")
	if rest := len(p.Same) - mostSame; rest > 0 {
		text += " and " + count(uint64(rest)) + " more"
	}
	return text
}

// remarks are sentences on what the comparison leaves out.
func (s *SideBySide) remarks(show func(string) string) (list []string) {
	if s.Both > 0 {
		list = append(list, count(s.Both)+" traces match both queries and count for B only.")
	}
	if s.Overlap {
		list = append(list, "Traces that match both queries are on both sides.")
	}
	if c := s.Apart.Consequences; len(c) > 0 {
		list = append(list, "Changes of "+measures(c)+" are left out: the traces were selected by that.")
	}
	a := s.Attributes
	if a == nil {
		return list
	}
	if len(a.Presence) > 0 {
		list = append(list, "Of attributes of which nearly all values differ, only the presence and common values were compared: "+keys(a.Presence, show)+".")
	}
	if len(a.Ranges) > 0 {
		list = append(list, "Numbers that take many values were compared in powers of two: "+keys(a.Ranges, show)+".")
	}
	if len(a.LeftOut) > 0 || a.More {
		text := "Attributes of fewer spans than the others were left out"
		if len(a.LeftOut) > 0 {
			text += ": " + keys(a.LeftOut, show)
		}
		if a.More {
			text += "; there are even more"
		}
		list = append(list, text+". Name with --key what is not to be missed.")
	}
	return list
}

// measures lists what is left out of a diff.
func measures(list []compare.Measure) string {
	for _, m := range list {
		if m == compare.Latency {
			return "latency"
		}
	}
	return "errors"
}

// mostKeys is how many keys are listed.
const mostKeys = 20

func keys(list []string, show func(string) string) string {
	var shown []string
	for _, k := range list[:min(mostKeys, len(list))] {
		shown = append(shown, show(k))
	}
	text := strings.Join(shown, ", ")
	if rest := len(list) - mostKeys; rest > 0 {
		text += " and " + count(uint64(rest)) + " more"
	}
	return text
}

// listed are the properties to list, and how many flagged ones are left out.
func (s *SideBySide) listed(o Options) (list []compare.Property, rest int) {
	list = s.Apart.Telling
	if o.Top > 0 && len(list) > o.Top {
		rest = len(list) - o.Top
		list = list[:o.Top]
	}
	if o.All && rest == 0 {
		more := s.Apart.Rest
		if o.Top > 0 {
			more = more[:min(len(more), o.Top-len(list))]
		}
		list = append(list[:len(list):len(list)], more...)
	}
	return list, rest
}
