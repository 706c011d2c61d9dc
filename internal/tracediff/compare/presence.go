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
	f.p = max(rates(x, y), t.history.flickers(p.id))
	f.attainable = f.p
	return f
}
