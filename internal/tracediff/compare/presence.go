package compare

// presence tests whether a group that only one side has could have been missed on the other. How many traces have it, given
// their number on both sides together, is binomial with the shares of exposure; traces that come in bursts count as fewer.
func (t *tester) presence(p *pair) finding {
	f := finding{measure: Presence, verdict: New, p: 1, low: -1, high: 1}
	if p.b == nil {
		f.verdict = Missing
	}
	between := t.history.between(p.id, CallRate)
	x, y := tallies(countTraces(p.a, &t.a.Total), countTraces(p.b, &t.b.Total), t.all, between.variance)
	if !(x.exposure > 0) || !(y.exposure > 0) {
		return f
	}
	f.effect = y.share() - x.share()
	f.low, f.high = newcombe(x.share(), x.exposure, y.share(), y.exposure)
	if p.folded {
		return f
	}
	f.tested, f.large, f.powered = true, true, true
	f.attainable = rates(x, y)
	f.p = max(f.attainable, t.history.flickers(p.id))
	return f
}

// couldBeAbsent is the p that the test of presence would have given a group that both sides have, had all of its traces come
// on one side; 0 if that is next to impossible.
func (t *tester) couldBeAbsent(p *pair) float64 {
	const never = 100 // traces on both sides together, effectively
	if effective(p.sum[0].TraceWeight, p.sum[0].TraceWeight2)+effective(p.sum[1].TraceWeight, p.sum[1].TraceWeight2) > never {
		return 0
	}
	x, y := tallies(countTraces(p.a, &t.a.Total), countTraces(p.b, &t.b.Total), t.all, t.history.between(p.id, CallRate).variance)
	return attainable(x, y)
}
