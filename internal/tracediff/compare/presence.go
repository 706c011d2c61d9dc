package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// presence tests whether a group that only one side has could have been missed on the other. How many traces have it, given
// their number on both sides together, is binomial with the shares of exposure; traces that come in bursts count as fewer.
func (t *tester) presence(p *pair) finding {
	f := unknown(Presence, New)
	if p.b == nil {
		f.verdict = Missing
	}
	x, y := t.traces(p)
	f.exposed = y.exposure
	if !(x.exposure > 0) || !(y.exposure > 0) {
		return f
	}
	if p.folded {
		return f
	}
	f.effect = y.share() - x.share()
	f.low, f.high = newcombe(x.share(), x.exposure, y.share(), y.exposure)
	f.tested, f.large, f.powered = true, true, true
	f.attainable = rates(x, y)
	f.p = max(f.attainable, t.history.flickers(p.id))
	return f
}

// presenceOfBoth tests whether a group that one window lacks is new or missing, against the window before and those before that. One that came in
// the middle of B, or went in the middle of A, is also seen only while it was there: over the whole window it would look like a burst.
func (t *tester) presenceOfBoth(p *pair) finding {
	f := t.presence(p)
	if t.scan == nil {
		return f
	}
	f.cost(t.wholeShare(), 1)
	if t.earlier != nil {
		f = t.earlier.presence(f, p)
	}
	if s := p.seen(t.sides); s != nil && s.until >= s.from+leastSlices && max(p.traces(0), p.traces(1)) >= fewCalls {
		if during := t.presenceDuring(*s, p); during.tested && during.p < f.p {
			return during
		}
	}
	return f
}

// traces is how many effective traces have the group on a side.
func (p *pair) traces(side int) float64 {
	return effective(p.sum[side].TraceWeight, p.sum[side].TraceWeight2)
}

// appeared is what can be said of a group that both windows have, but A only at its end, so that it is new, or B only at its
// beginning, so that it is missing by now.
func (t *tester) appeared(p *pair) (finding, bool) {
	if t.scan == nil {
		return finding{}, false
	}
	first, last := p.a.Slices[0].Index, p.b.Slices[len(p.b.Slices)-1].Index
	began, ended := stretch{0, 0, first}, stretch{1, last + 1, uint32(t.scan.slices[1])}
	var best finding
	if t.earlier != nil {
		best = t.earlier.presence(best, p)
	}
	for _, s := range [...]stretch{began, ended} {
		if s.until < s.from+leastSlices {
			continue
		}
		if f := t.presenceDuring(s, p); f.tested && (!best.tested || f.p < best.p) {
			best = f
		}
	}
	return best, best.tested
}

// presenceDuring makes the test while one side is seen only during a stretch.
func (t *tester) presenceDuring(s stretch, p *pair) finding {
	g := &t.scan.glance
	g.during(t, s, p)
	if (g.of.a == nil) == (g.of.b == nil) {
		return unknown(Presence, New)
	}
	f := g.by.presence(&g.of)
	f.cost(endShare, endPlaces)
	f.part, f.figures = &s, g.figures()
	return f
}

// traces counts the traces with a group on both sides, on a scale on which they are independent.
func (t *tester) traces(p *pair) (tally, tally) {
	return tallies(countTraces(p.a, t.sides[0].total), countTraces(p.b, t.sides[1].total),
		[2]snapshot.Slice{t.sides[0].sum, t.sides[1].sum}, t.between(p.id, CallRate).variance/2)
}

// couldBeAbsent is the p that the test of presence would have given a group that both sides have, had all of its traces come
// on one side; 0 if that is next to impossible.
func (t *tester) couldBeAbsent(p *pair) float64 {
	const never = 100 // traces on both sides together, effectively
	if effective(p.sum[0].TraceWeight, p.sum[0].TraceWeight2)+effective(p.sum[1].TraceWeight, p.sum[1].TraceWeight2) > never {
		return 0
	}
	x, y := t.traces(p)
	return attainable(x, y)
}
