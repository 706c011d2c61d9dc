package compare

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// stretch is a part of one of the two windows: time slices from one up to another, which is not in it. A change that begins or ends
// inside a window shows there and not in the rest.
type stretch struct {
	side        int // 0: A, 1: B
	from, until uint32
}

// within is the group as seen in a stretch, put into cut; nil if it was not seen. Durations of single spans are not kept by slice: its
// histograms are those of the whole window.
func (s *stretch) within(g, cut *snapshot.Group) *snapshot.Group {
	if g == nil {
		return nil
	}
	from := 0
	for from < len(g.Slices) && g.Slices[from].Index < s.from {
		from++
	}
	until := from
	for until < len(g.Slices) && g.Slices[until].Index < s.until {
		until++
	}
	if from == until {
		return nil
	}
	*cut = *g
	cut.Slices = g.Slices[from:until]
	return cut
}

// times are when a change began inside of the windows, and when it was over; zero where that was not seen.
func (t *tester) times(f *finding) (onset, ended time.Time) {
	s := f.part
	if s == nil && f.measure == Presence {
		s = f.of.seen(t.sides)
	}
	if s == nil && f.flagged && f.measure != Presence {
		s = t.began(f)
	}
	if s == nil {
		return onset, ended
	}
	from, until := t.span(*s)
	last := t.sides[s.side].snapshot.Slices()
	switch {
	case s.side == 0: // the part of A that was still as before
		return until, time.Time{}
	case int(s.until) < last:
		return from, until
	default:
		return from, time.Time{}
	}
}

// began is the beginning of A that was still as before, where a change that all of B has shows at the end of A, too, and A is
// the window just before B; nil where it does not.
func (t *tester) began(f *finding) *stretch {
	a, b := t.sides[0].snapshot, t.sides[1].snapshot
	if t.scan == nil || !a.End.Equal(b.Start) {
		return nil
	}
	scan := t.scan.fresh()
	if !scan.load(f.measure, f.of, t) {
		return nil
	}
	v := scan.deviations(0)
	if s, ok := v.beginning(); ok && v.variance > 0 {
		return &s
	}
	return nil
}

// seen is the part of B from the first time slice on that has a group which A has not, or of A up to the last one with a group that B
// has not; nil where that is all of the window, or the group is on both sides.
func (p *pair) seen(sides [2]exposure) *stretch {
	switch {
	case p.a == nil && p.b.Slices[0].Index > 0:
		return &stretch{1, p.b.Slices[0].Index, uint32(sides[1].snapshot.Slices())}
	case p.b == nil && int(p.a.Slices[len(p.a.Slices)-1].Index)+1 < sides[0].snapshot.Slices():
		return &stretch{0, 0, p.a.Slices[len(p.a.Slices)-1].Index + 1}
	}
	return nil
}

// span is when a stretch begins and ends.
func (t *tester) span(s stretch) (from, until time.Time) {
	w := t.sides[s.side].snapshot
	until = w.Start.Add(time.Duration(s.until) * w.Slice)
	if until.After(w.End) {
		until = w.End
	}
	return w.Start.Add(time.Duration(s.from) * w.Slice), until
}
