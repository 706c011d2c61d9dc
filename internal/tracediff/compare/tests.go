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
	tested     bool
	large      bool // above the effect floor
	powered    bool // would have seen a reference effect
	effect     float64
	low, high  float64
	of         *pair
	q          float64 // false discovery rate at which it is flagged
	flagged    bool
	impact     float64

	// What History learns from: a difference of logarithms and its variance within windows.
	difference, sampling float64
}

// tester compares the groups of two snapshots.
type tester struct {
	a, b       *snapshot.Snapshot
	all        [2]snapshot.Slice // sums over the totals
	history    *History
	thresholds Thresholds
	x, y       clustered
}

func newTester(a, b *snapshot.Snapshot, h *History, t Thresholds) *tester {
	return &tester{a: a, b: b, all: [2]snapshot.Slice{a.Total.Sum(), b.Total.Sum()}, history: h, thresholds: t}
}

// findings appends what can be said of a group.
func (t *tester) findings(to []finding, p *pair) []finding {
	if p.a == nil || p.b == nil {
		return append(to, t.presence(p))
	}
	to = append(to, t.latency(p))
	if p.sum[0].ErrorSpans+p.sum[1].ErrorSpans > 0 {
		to = append(to, t.errors(p))
	}
	if p.id.Kind == snapshot.Total {
		return to // every trace is in it once
	}
	return append(to, t.calls(p))
}

// latency tests whether the geometric mean of the durations moved: Welch's test on ratios over time slices, with the
// variance between windows added.
func (t *tester) latency(p *pair) finding {
	f := finding{measure: Latency, verdict: Slower, p: 1, effect: 1, low: 1, high: 1}
	if !p.enough(minTraces) {
		return f
	}
	t.x.logDurations(p.a)
	t.y.logDurations(p.b)
	a, b := t.x.ratio(), t.y.ratio()
	if !a.known() || !b.known() {
		return f
	}
	f.logRatio(a, b, t.history.between(p.id, Latency), part.student)
	f.judge(Slower, Faster, logFloor(t.thresholds.MinLatencyRatio), referenceLatency)
	return f
}

// calls tests whether the number of calls per trace moved. Where few traces have the group it compares numbers of such
// traces exactly.
func (t *tester) calls(p *pair) finding {
	f := finding{measure: CallRate, verdict: MoreCalls, p: 1, effect: 1, low: 1, high: 1}
	between := t.history.between(p.id, CallRate)
	if !p.enough(fewCalls) {
		x, y := tallies(countTraces(p.a, &t.a.Total), countTraces(p.b, &t.b.Total), t.all, between.variance)
		if !(x.share() > 0) || !(y.share() > 0) {
			return f
		}
		f.tested, f.p, f.attainable = true, rates(x, y), attainable(x, y)
		f.difference = math.Log(y.share() / x.share())
		f.sampling = 1/x.seen + 1/y.seen
		f.interval(part{f.sampling, math.Inf(1)})
	} else {
		t.x.calls(p.a, &t.a.Total)
		t.y.calls(p.b, &t.b.Total)
		a, b := t.x.ratio(), t.y.ratio()
		if !a.known() || !b.known() {
			return f
		}
		f.logRatio(a.logarithm(), b.logarithm(), between, part.twoSided)
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

// logRatio tests the difference of two logarithms, whose p the function gives.
func (f *finding) logRatio(a, b estimate, between part, p func(part, float64) float64) {
	f.tested = true
	f.difference = b.value - a.value
	f.sampling = a.variance + b.variance
	v := welch(part{a.variance, a.df}, part{b.variance, b.df}, part{2 * between.variance, between.df})
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
