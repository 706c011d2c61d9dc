package compare

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// worth is what a change costs or saves: seconds of work per second of traffic, or errors per second. Time is exclusive
// time, so that a slow callee does not count for all of its callers.
func (f *finding) worth(p *pair) float64 {
	a, b := &p.before, &p.after
	if f.figures != nil {
		a, b = &f.figures[0], &f.figures[1]
	}
	switch f.measure {
	case Latency, Slowest:
		if p.id.Kind == snapshot.Total || p.id.Kind == snapshot.Path {
			return math.Abs(b.Mean-a.Mean) / 1e9 * b.Rate // what users wait
		}
		return math.Abs(selfMean(&p.b.Self)-selfMean(&p.a.Self)) / 1e9 * b.Rate
	case Waiting:
		return math.Abs(b.Wait-a.Wait) / 1e9 * b.Rate
	case Errors:
		return math.Abs(b.ErrorShare-a.ErrorShare) * b.Rate
	case CallRate:
		return math.Abs(b.PerTrace-a.PerTrace) * perSecond(b) * b.Mean / 1e9
	default:
		return max(a.Rate*a.Mean, b.Rate*b.Mean) / 1e9
	}
}

// perSecond is the rate of traces of the query of a side.
func perSecond(b *Absolute) float64 {
	if !(b.PerTrace > 0) {
		return 0
	}
	return b.Rate / b.PerTrace
}

// middles are the durations in the middle of the buckets of a histogram, on a logarithmic scale, ns; the first is that of
// bucket -1.
var middles = func() (m [64*8 + 1]float64) {
	for i := range m {
		m[i] = math.Exp2((float64(i) - 0.5) / 8)
	}
	return m
}()

// selfMean is the mean of a histogram, ns.
func selfMean(h *snapshot.Histogram) float64 {
	var sum, weight float64
	for _, b := range h.Buckets {
		w := float64(b.Weight)
		sum += w * middles[min(max(int(b.Index)+1, 0), len(middles)-1)]
		weight += w
	}
	if !(weight > 0) {
		return 0
	}
	return sum / weight
}
