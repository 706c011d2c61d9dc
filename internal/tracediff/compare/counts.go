package compare

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// tally is how many traces showed something in a window, and out of how many, on a scale on which they are independent.
type tally struct {
	seen     float64 // effective number of traces that showed it
	exposure float64 // effective number of traces that could have
}

// share is the probability that a trace shows it.
func (t tally) share() float64 {
	if !(t.exposure > 0) {
		return 0
	}
	return min(1, t.seen/t.exposure)
}

// effective is Kish's effective number of traces, (sum w)² / sum w², of weights whose sum and sum of squares are given.
func effective(w, w2 float64) float64 {
	if !(w2 > 0) {
		return 0
	}
	return w * w / w2
}

// meanWeight is the weight that a trace has in the mean, weighted by itself: one that stands for w traces has weight w.
func meanWeight(w, w2 float64) float64 {
	if !(w > 0) {
		return 0
	}
	return w2 / w
}

// counted is a quantity of a group that is counted in traces: traces with the group, or with an error in it.
type counted struct {
	w, w2 float64 // sums of the weights and of their squares, over those that show it
	dense float64 // overdispersion between time slices, before shrinking: 1 is that of independent traces
	df    float64 // its degrees of freedom
}

// tallies brings two sides to counts of independent traces. Out of all that could show it, all are sums of weights of the
// traces that could have. A side on which none shows it is taken to sample them as the other side does, but for how much
// more or less it samples altogether.
func tallies(a, b counted, all [2]snapshot.Slice, between float64) (tally, tally) {
	wa, wb := meanWeight(a.w, a.w2), meanWeight(b.w, b.w2)
	ta, tb := meanWeight(all[0].TraceWeight, all[0].TraceWeight2), meanWeight(all[1].TraceWeight, all[1].TraceWeight2)
	if wa == 0 && tb > 0 {
		wa = max(1, wb*ta/tb)
	}
	if wb == 0 && ta > 0 {
		wb = max(1, wa*tb/ta)
	}
	x := tally{seen: effective(a.w, a.w2)}
	y := tally{seen: effective(b.w, b.w2)}
	if wa > 0 {
		x.exposure = all[0].TraceWeight / wa
	}
	if wb > 0 {
		y.exposure = all[1].TraceWeight / wb
	}
	excess := dispersion(a, b) + between*(x.seen+y.seen)/2
	return tally{x.seen / excess, x.exposure / excess}, tally{y.seen / excess, y.exposure / excess}
}

// dispersion is by how much the counts of time slices vary more than independent traces would, at least 1: the estimate of
// both sides, shrunk towards independence with the weight of priorFreedom degrees of freedom. That weight falls when the
// estimate is far off what independent traces give: a burst within one slice is one event, however many traces it has.
func dispersion(a, b counted) float64 {
	df := a.df + b.df
	if !(df > 0) {
		return 1
	}
	estimate := (a.df*a.dense + b.df*b.dense) / df
	weight := priorFreedom * math.Pow(min(1, plausibleDispersion/estimate), 2)
	return max(1, (weight+df*estimate)/(weight+df))
}

// countTraces counts the traces with the group.
func countTraces(g, total *snapshot.Group) counted {
	return count(g, total, func(s *snapshot.Slice) (float64, float64) { return s.TraceWeight, s.TraceWeight2 })
}

// countErrors counts the traces with an error in the group. They could be in any trace with the group.
func countErrors(g *snapshot.Group) counted {
	return count(g, g, func(s *snapshot.Slice) (float64, float64) { return s.ErrorTrace, s.ErrorTrace2 })
}

// count sums weights up over time slices, and compares slice by slice with what the exposure of the slice lets expect:
// Pearson's statistic over its degrees of freedom, counts being effective ones.
func count(g, exposure *snapshot.Group, of func(*snapshot.Slice) (w, w2 float64)) counted {
	var c counted
	if g == nil {
		return c
	}
	for i := range g.Slices {
		w, w2 := of(&g.Slices[i])
		c.w += w
		c.w2 += w2
	}
	unit := meanWeight(c.w, c.w2)
	var out float64
	slices := 0
	for i := range exposure.Slices {
		if exposure.Slices[i].TraceWeight > 0 {
			out += exposure.Slices[i].TraceWeight
			slices++
		}
	}
	if unit == 0 || out == 0 || slices < 2 {
		return c
	}
	at := 0
	var sum float64
	for i := range exposure.Slices {
		e := &exposure.Slices[i]
		for at < len(g.Slices) && g.Slices[at].Index < e.Index {
			at++
		}
		var w float64
		if at < len(g.Slices) && g.Slices[at].Index == e.Index {
			w, _ = of(&g.Slices[at])
		}
		expected := c.w * e.TraceWeight / out
		if expected > 0 {
			sum += (w - expected) * (w - expected) / expected / unit
		}
	}
	c.df = float64(slices - 1)
	c.dense = sum / c.df
	return c
}
