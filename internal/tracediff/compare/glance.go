package compare

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// glance is a group as it is seen where one side is not its window: only a part of it, or several windows before it. It is scratch: what it
// holds is there until it looks at something else.
type glance struct {
	by            tester
	of            pair
	side          int            // that is seen otherwise
	group, caller snapshot.Group // of that side
}

// look sees one side of a pair by another exposure. The groups that it has there are for the caller to set.
func (g *glance) look(t *tester, p *pair, side int, e *exposure) {
	g.by, g.of, g.side = *t, *p, side
	g.by.sides[side] = *e
	g.by.scan, g.by.earlier = nil, nil
}

// set says what the side has; nil: nothing.
func (g *glance) set(group *snapshot.Group) {
	if g.side == 0 {
		g.of.a = group
	} else {
		g.of.b = group
	}
	g.of.sum[g.side] = sumOf(group)
}

// kept is the pair as it is seen, with groups of its own.
func (g *glance) kept() pair {
	p := g.of
	for _, to := range [...]**snapshot.Group{&p.a, &p.b, &p.callers[0], &p.callers[1]} {
		if *to == &g.group || *to == &g.caller {
			own := **to
			*to = &own
		}
	}
	return p
}

// figures are what the group was like on both sides.
func (g *glance) figures() *[2]Absolute {
	f := &[2]Absolute{g.of.before, g.of.after}
	group := g.of.a
	if g.side == 1 {
		group = g.of.b
	}
	f[g.side] = absolute(&g.by.sides[g.side], group, &g.of.sum[g.side])
	return f
}

// during sees one side only during a stretch.
func (g *glance) during(t *tester, s stretch, p *pair) {
	g.look(t, p, s.side, t.exposure(s))
	g.by.part = true
	whole := p.a
	if s.side == 1 {
		whole = p.b
	}
	g.set(s.within(whole, &g.group))
	if p.callers[0] != nil && p.callers[1] != nil {
		if g.of.callers[s.side] = s.within(p.callers[s.side], &g.caller); g.of.callers[s.side] == nil {
			g.of.callers[s.side] = &snapshot.Group{Identity: p.callers[s.side].Identity}
		}
	}
}

// exposure is that of a side during a stretch.
func (t *tester) exposure(s stretch) *exposure {
	if t.scan != nil {
		if e := t.scan.exposures[s]; e != nil {
			return e
		}
	}
	e := t.sides[s.side]
	total := s.within(e.total, new(snapshot.Group))
	if total == nil {
		total = &snapshot.Group{Identity: e.total.Identity}
	}
	e.total, e.sum = total, total.Sum()
	e.seconds = (time.Duration(s.until-s.from) * e.snapshot.Slice).Seconds()
	if t.scan != nil {
		t.scan.exposures[s] = &e
	}
	return &e
}

func sumOf(g *snapshot.Group) snapshot.Slice {
	if g == nil {
		return snapshot.Slice{}
	}
	return g.Sum()
}
