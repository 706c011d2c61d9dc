package compare

import "math"

// errors tests whether the share moved of the traces with the group that have an error in it. Where errors are few it compares
// numbers of traces by Fisher's exact test, counts being effective ones; else shares over time slices. Both are about traces, as are
// the effect and its interval: spans of one trace fail together.
func (t *tester) errors(p *pair) finding {
	f := unknown(Errors, MoreErrors)
	between := t.between(p.id, Errors)
	a, b := share(p.sum[0].ErrorTrace, p.sum[0].TraceWeight), share(p.sum[1].ErrorTrace, p.sum[1].TraceWeight)
	f.effect = b - a
	if f.effect < 0 {
		f.verdict = FewerErrors
	}
	f.large = math.Abs(f.effect) >= t.thresholds.MinErrorDelta

	x, y := tallies(countErrors(p.a), countErrors(p.b), p.sum, between.variance/2)
	if min(x.seen, y.seen) < fewErrors {
		f.fewErrors(x, y, a, b)
		return f
	}
	t.x.errorTraces(p.a)
	t.y.errorTraces(p.b)
	before, after := t.x.ratio(), t.y.ratio()
	if !t.known(before) || !t.known(after) {
		f.fewErrors(x, y, a, b)
		return f
	}
	f.tested = true
	f.difference = math.Log(b / a)
	f.sampling = before.variance/(a*a) + after.variance/(b*b)
	v := welch(part{before.variance, before.df}, part{after.variance, after.df}, part{between.variance * (a*a + b*b) / 2, between.df})
	f.p = v.student(f.effect)
	f.low, f.high = max(-1, f.effect-v.half()), min(1, f.effect+v.half())
	f.powered = math.Sqrt(v.variance) <= referenceErrors/decisive
	return f
}

// fewErrors tests counts of traces with an error. Its interval is R. G. Newcombe's hybrid of two score intervals
// (Statistics in Medicine 17, 1998, method 10).
func (f *finding) fewErrors(x, y tally, a, b float64) {
	if !(x.exposure >= leastTraces) || !(y.exposure >= leastTraces) {
		f.effect = math.NaN()
		return
	}
	f.tested = true
	f.p = fisher(x, y)
	f.attainable = attainableFisher(x, y)
	f.difference = math.Log((y.seen + 0.5) / (y.exposure + 0.5) * (x.exposure + 0.5) / (x.seen + 0.5))
	f.sampling = 1/(x.seen+0.5) + 1/(y.seen+0.5)
	f.low, f.high = newcombe(a, x.exposure, b, y.exposure)
	f.powered = f.high-f.low <= 2*normal975*referenceErrors/decisive
}

// share is n / d, and 0 of nothing.
func share(n, d float64) float64 {
	if !(d > 0) {
		return 0
	}
	return min(1, n/d)
}

const normal975 = 1.959964

// wilson is E. B. Wilson's score interval of a share out of n (JASA 22, 1927).
func wilson(p, n float64) (low, high float64) {
	const z2 = normal975 * normal975
	mid := (p + z2/(2*n)) / (1 + z2/n)
	half := normal975 / (1 + z2/n) * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	return max(0, mid-half), min(1, mid+half)
}

// newcombe is the 95 % interval of b - a, shares out of m and n.
func newcombe(a, n, b, m float64) (low, high float64) {
	if !(n > 0) || !(m > 0) {
		return -1, 1
	}
	la, ua := wilson(a, n)
	lb, ub := wilson(b, m)
	d := b - a
	return d - math.Hypot(b-lb, ua-a), d + math.Hypot(ub-b, a-la)
}
