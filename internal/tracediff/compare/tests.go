package compare

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// finding is the outcome of one test on one group.
type finding struct {
	measure    Measure
	verdict    Verdict // if it is flagged
	p          float64
	attainable float64 // smallest p that the test could have given; 0 for tests that are not discrete
	effect     float64
	low, high  float64
	q          float64 // false discovery rate at which it is flagged
	impact     float64

	// What History learns from: a difference of logarithms and its variance within windows.
	difference, sampling float64
	windows              float64 // the variance of the difference because windows differ
	exposed              float64 // effective number of traces of B, of a test of presence

	of      *pair
	part    *stretch     // of a window that it is about; nil: the whole
	figures *[2]Absolute // of a part, or against the windows before A

	tested  bool
	large   bool // above the effect floor
	powered bool // would have seen a reference effect
	flagged bool
}

// tester compares the groups of two snapshots, or of parts of them.
type tester struct {
	sides      [2]exposure
	history    *History
	thresholds Thresholds
	x, y       clustered
	scan       *scanner // nil: only whole windows are compared
	earlier    *earlier // windows before A; nil: they are not looked at
	part       bool     // one side is a part of a window
}

// exposure is what the groups of one side are seen against: all traces of the window, or of a part of it.
type exposure struct {
	snapshot *snapshot.Snapshot
	total    *snapshot.Group
	sum      snapshot.Slice // over the total
	seconds  float64        // of the window, or of the part
	share    float64        // of the variance between windows that it has: 1 for one window, less for several
}

func exposureOf(s *snapshot.Snapshot) exposure {
	return exposure{s, &s.Total, s.Total.Sum(), s.End.Sub(s.Start).Seconds(), 1}
}

func newTester(a, b *snapshot.Snapshot, h *History, t Thresholds) *tester {
	return &tester{sides: [2]exposure{exposureOf(a), exposureOf(b)}, history: h, thresholds: t}
}

// findings appends what can be said of a group.
func (t *tester) findings(to []finding, p *pair) []finding {
	if t.earlier != nil {
		t.earlier.look(t, p)
	}
	if p.a == nil || p.b == nil {
		return append(to, t.presenceOfBoth(p))
	}
	to = append(to, t.scanned(t.latency(p), p))
	if f, ok := t.slowestOf(p, &to[len(to)-1]); ok {
		to = append(to, f)
	}
	if p.sum[0].WaitWeight > 0 && p.sum[1].WaitWeight > 0 {
		to = append(to, t.scanned(t.waiting(p), p))
	}
	if p.sum[0].ErrorSpans+p.sum[1].ErrorSpans > 0 {
		to = append(to, t.scanned(t.errors(p), p))
	}
	if p.id.Kind == snapshot.Total {
		return to // every trace is in it once
	}
	to = append(to, t.scanned(t.calls(p), p))
	if f, ok := t.appeared(p); ok {
		to = append(to, f)
	}
	return to
}

// latency tests whether the geometric mean of the durations moved.
func (t *tester) latency(p *pair) finding {
	f := unknown(Latency, Slower)
	if !p.enough(leastTraces) {
		return f
	}
	t.x.logDurations(p.a)
	t.y.logDurations(p.b)
	t.means(&f, p)
	return f
}

// waiting tests whether the geometric mean of the time moved that callers waited outside of the callee's spans. What moved is large
// only if that alone made the whole call so much longer: nobody notices the double of next to nothing.
func (t *tester) waiting(p *pair) finding {
	f := unknown(Waiting, Slower)
	if !p.enough(leastTraces) {
		return f
	}
	t.x.logWaits(p.a)
	t.y.logWaits(p.b)
	t.means(&f, p)
	a, b := geometric(p.sum[0].LogWait, p.sum[0].WaitWeight), geometric(p.sum[1].LogWait, p.sum[1].WaitWeight)
	call := a + geometric(p.sum[0].LogDuration, p.sum[0].Weight)
	f.large = f.large && math.Abs(b-a) >= (t.thresholds.MinLatencyRatio-1)*call
	return f
}

// means tests whether the logarithm of a mean moved that the clusters of both sides hold: Welch's test on ratios over time slices,
// with the variance between windows added. That of few traces need not be normal yet: there, the ranks of the slices must agree.
func (t *tester) means(f *finding, p *pair) {
	a, b := t.x.ratio(), t.y.ratio()
	if !t.known(a) || !t.known(b) {
		return
	}
	f.logRatio(a, b, t.between(p.id, f.measure), part.student)
	f.judge(Slower, Faster, logFloor(t.thresholds.MinLatencyRatio), referenceLatency)
	if !p.enough(minTraces) {
		byRank, least := t.ranks(f.difference > 0)
		f.p, f.attainable = max(f.p, byRank), least
	}
}

// unknown is a finding of a test of a ratio that could not be made.
func unknown(m Measure, v Verdict) finding {
	return finding{measure: m, verdict: v, p: math.NaN(), effect: math.NaN(), low: math.NaN(), high: math.NaN()}
}

// geometric is the mean whose sum of logarithms is given; 0 of nothing.
func geometric(logs, weight float64) float64 {
	if !(weight > 0) {
		return 0
	}
	return math.Exp(logs / weight)
}

// exposing is what the calls of a group are counted by: the traces of the query, or of an edge the spans of its caller. So an operation
// that is called more often itself does not make all that it calls be called more often, and what it does more often than
// before stands out from what users do.
type exposing struct {
	group *snapshot.Group
	spans bool
}

func (e *exposing) weight(s *snapshot.Slice) float64 {
	if e.spans {
		return s.Weight
	}
	return s.TraceWeight
}

// exposing finds what the calls of a group are counted by on one side.
func (t *tester) exposing(side int, p *pair) exposing {
	if p.callers[0] != nil && p.callers[1] != nil {
		return exposing{p.callers[side], true}
	}
	return exposing{t.sides[side].total, false}
}

// sum is that over the slices of what calls are counted by.
func (t *tester) sum(side int, e exposing) snapshot.Slice {
	if e.spans {
		return e.group.Sum()
	}
	return t.sides[side].sum
}

// calls tests whether the number of calls per trace moved, or of an edge per call of its caller. Where few traces have the group it
// compares numbers of such traces exactly.
func (t *tester) calls(p *pair) finding {
	f := unknown(CallRate, MoreCalls)
	if !p.enough(fewCalls) {
		a, b := t.exposing(0, p), t.exposing(1, p)
		x, y := tallies(countTraces(p.a, a.group), countTraces(p.b, b.group), [2]snapshot.Slice{t.sum(0, a), t.sum(1, b)}, t.between(p.id, CallRate).variance/2)
		if !(x.share() > 0) || !(y.share() > 0) {
			return f
		}
		f.tested, f.p, f.attainable = true, rates(x, y), attainable(x, y)
		f.difference = math.Log(y.share() / x.share())
		f.sampling = 1/x.seen + 1/y.seen
		f.interval(part{f.sampling, math.Inf(1)})
	} else {
		t.x.calls(p.a, t.exposing(0, p))
		t.y.calls(p.b, t.exposing(1, p))
		a, b := t.x.ratio(), t.y.ratio()
		if !t.known(a) || !t.known(b) {
			return f
		}
		f.logRatio(a.logarithm(), b.logarithm(), t.between(p.id, CallRate), part.twoSided)
	}
	f.judge(MoreCalls, FewerCalls, logFloor(t.thresholds.MinCallRatio), referenceCalls)
	return f
}

// logarithm is the estimate of the logarithm, to first order.
func (e estimate) logarithm() estimate {
	e.variance /= e.value * e.value
	e.value = math.Log(e.value)
	return e
}

// between is the variance that a difference of two sides has because windows differ.
func (t *tester) between(id snapshot.Identity, m Measure) part {
	v := t.history.between(id, m)
	return part{v.variance * (t.sides[0].share + t.sides[1].share), v.df}
}

// logRatio tests the difference of two logarithms, whose p the function gives.
func (f *finding) logRatio(a, b estimate, between part, p func(part, float64) float64) {
	f.tested = true
	f.difference = b.value - a.value
	f.sampling = a.variance + b.variance
	v := welch(part{a.variance, a.df}, part{b.variance, b.df}, between)
	f.p = p(v, f.difference)
	f.interval(v)
}

// interval sets effect and confidence interval of a ratio.
func (f *finding) interval(v part) {
	f.effect = finite(f.difference)
	f.low, f.high = finite(f.difference-v.half()), finite(f.difference+v.half())
}

// finite is the ratio of a logarithm, but a number that JSON has a form for.
func finite(logarithm float64) float64 { return math.Exp(max(-700, min(700, logarithm))) }

// judge compares a ratio with the effect floor, and its interval with a reference effect.
func (f *finding) judge(up, down Verdict, floor, reference float64) {
	f.verdict = up
	if f.difference < 0 {
		f.verdict = down
	}
	f.large = math.Abs(f.difference) >= floor
	f.powered = f.standardError() <= reference/decisive
}

// standardError of a ratio's logarithm, from its interval.
func (f *finding) standardError() float64 { return math.Log(f.high/f.low) / (2 * normal975) }
