package tailsampling

import (
	"math"

	"github.com/assayhq/assay/internal/tracesketch"
)

// What is usual is asked of the place itself, and, as long as little is known of it, of what is near:
//
//	exclusive time of an operation on a path:  all operations -> this operation -> this operation on this path
//	duration and excess of a path:             all traces, by what their operations usually take -> this path
//
// Durations are compared as logarithms, so that "twice" is as far from "usual" everywhere.

const (
	// priorTraces is how many traces of its own a place needs to count as much as what is near it.
	priorTraces = 10
	// priorPerOctave makes that more for a place that is slower than what is near: times 1 + this for each doubling, squared.
	// A fault that makes a new path is slow from the path's first trace on, and would otherwise be usual after a dozen.
	priorPerOctave = 0.1
	// softNanos is added to durations before they are compared: below 10 us differences say nothing.
	softNanos = 1e4
	// lossOfMedian is the part of a path's median duration that is not yet remarkable as an excess.
	lossOfMedian = 0.5
	// perTrace scales durations in units of what a trace's operations usually take, so that a sketch of integers holds them.
	perTrace = 1e6
)

// believed is the part of a distance that n traces have made credible: distance is how far a place is from what is near it, as
// the logarithm of a ratio of durations.
func believed(distance, n float64) float64 {
	octaves := max(0, distance) / math.Ln2
	return distance * n / (n + priorTraces*(1+priorPerOctave*octaves*octaves))
}

// between is what to expect in a place that has shown own in n traces, where near is what is usual near it. ns.
func between(near, own, n float64) float64 {
	if n == 0 {
		return near
	}
	return (near+softNanos)*math.Exp(believed(math.Log((own+softNanos)/(near+softNanos)), n)) - softNanos
}

// step is an operation on a path.
type step struct {
	place  tracesketch.Mean // logarithm of the exclusive time of a span
	factor float64          // by which the operation's limit is moved here, refreshed now and then
	fresh  int32
}

// limit is the exclusive time of a span of op, ns, beyond which it is slow: the 98th percentile of the operation, moved by as much
// as the operation is usually slower or faster on the path of the trace at hand.
func (op *operationStats) limit() float64 {
	if here := op.at.step; here != nil {
		return (op.slow+softNanos)*here.factor - softNanos
	}
	return op.slow
}

// add takes in the exclusive time of a span of a trace, ns.
func (op *operationStats) add(l *learned, self, logarithm float64) {
	l.observe(&op.self, uint64(self))
	op.place.Add(logarithm, l.decay)
	if op.fresh--; op.fresh <= 0 {
		op.refresh(l)
	}
}

// refresh derives what is usual from what was observed.
func (op *operationStats) refresh(l *learned) {
	op.median, op.high = op.self.Quantile(0.5), op.self.Quantile(0.98)
	op.typical = between(l.anyOp.median, op.median, op.self.Count())
	op.slow = between(l.anyOp.high, op.high, op.self.Count())
	op.fresh = refreshEvery(op.self.Count())
}

// learnStep takes in the same for op on a path.
func (l *learned) learnStep(path *pathStats, op *operationStats, logarithm float64) {
	here := op.at.step
	if here == nil {
		if l.bytes >= l.room {
			return
		}
		l.bytes += stepBytes
		here = &step{}
		path.steps[op.at.operation] = here
	}
	here.place.Add(logarithm, l.decay)
	if here.fresh--; here.fresh <= 0 {
		here.refresh(l, op)
	}
}

func (s *step) refresh(l *learned, op *operationStats) {
	n := s.place.Count(l.decay)
	s.factor = math.Exp(believed(s.place.Value()-op.place.Value(), n))
	s.fresh = refreshEvery(n)
}

// level is how long the traces of a path take, and how much of that is excess. Of a path in ns, of all traces in millionths
// of what their operations usually take.
type level struct {
	duration tracesketch.Sketch
	excess   tracesketch.Sketch
	usual    float64 // excess that is not yet remarkable: a part of the median duration, and the 95th percentile of the excess
	fresh    int32
}

func (v *level) add(l *learned, duration, excess float64) {
	l.observe(&v.duration, uint64(duration))
	l.observe(&v.excess, uint64(excess))
	if v.fresh--; v.fresh <= 0 {
		v.refresh()
	}
}

func (v *level) refresh() {
	v.usual = lossOfMedian*v.duration.Quantile(0.5) + v.excess.Quantile(0.95)
	v.fresh = refreshEvery(v.duration.Count())
}

// usualExcess is the excess, ns, that is not yet remarkable on a path whose operations usually take expected.
func (l *learned) usualExcess(path *pathStats, expected float64) float64 {
	return max(1e3, between(expected/perTrace*l.all.usual, path.level.usual, path.level.duration.Count()))
}
