package simulate

import (
	"math"

	"github.com/assayhq/assay/internal/tracestate"
)

// z95 is the normal quantile of a two-sided 95 % interval.
const z95 = 1.959963984540054

// drawn is how a trace was sampled.
type drawn struct {
	weight float64 // adjusted count, if it was kept: how many traces it stands for
	p      float64 // probability of being kept, given that it had come in
}

func (o *Outcome) drawn() drawn {
	w := tracestate.AdjustedCount(o.Threshold)
	return drawn{weight: w, p: o.Trace.adjustedCount() / w}
}

// certain is a trace that stands for as many as it came in with.
func (t *Trace) certain() drawn { return drawn{weight: t.adjustedCount(), p: 1} }

// Estimate is a quantity recovered from kept traces beside its truth.
type Estimate struct {
	Truth  float64 `json:"truth"`
	Value  float64 `json:"estimate"`
	StdErr float64 `json:"std_err"`        // estimated from what was kept
	Design float64 `json:"design_std_err"` // true standard error: from the probabilities of all traces, kept or not
	Low    float64 `json:"low"`            // of the 95 % interval
	High   float64 `json:"high"`           // of the 95 % interval
	Open   bool    `json:"open,omitempty"` // of a quantile: too few are kept for an upper end, high is the largest kept
	Kept   int     `json:"kept"`           // traces that it rests on
}

// Z is how many standard errors the estimate is off; 0 where it is exact.
func (e Estimate) Z() float64 {
	if e.StdErr == 0 {
		return 0
	}
	return (e.Value - e.Truth) / e.StdErr
}

// Holds tells whether the interval holds the truth. A rounding error is not a miss.
func (e Estimate) Holds() bool {
	if e.Open {
		return holds(e.Low, math.Inf(1), e.Truth)
	}
	return holds(e.Low, e.High, e.Truth)
}

// WaldHolds tells whether estimate +- 1.96 standard errors does.
func (e Estimate) WaldHolds() bool {
	return holds(e.Value-z95*e.StdErr, e.Value+z95*e.StdErr, e.Truth)
}

func holds(low, high, truth float64) bool {
	slack := 1e-9 * (1 + math.Abs(truth))
	return low <= truth+slack && truth-slack <= high
}

// total estimates a sum over all traces from those kept (Horvitz and Thompson 1952). With independent draws its variance is
// estimated without bias by the sum of (1 - p) w^2, w the adjusted count and p the probability of being kept here.
type total struct {
	kept     int
	truth    float64
	design   float64 // true variance
	value    float64
	seen     float64 // what the kept traces are for certain: the sum can be no less
	variance float64
	third    float64 // sum of (1 - p) w^3
	fourth   float64 // sum of (1 - p) w^4
}

// expect counts a trace, kept or not, that has n of what is counted.
func (t *total) expect(d drawn, n float64) {
	w := d.weight * d.p * n
	t.truth += w
	t.design += w * w * (1 - d.p) / d.p
}

// add counts a kept trace that has n of what is counted.
func (t *total) add(d drawn, n float64) {
	if n == 0 {
		return
	}
	w := d.weight * n
	t.kept++
	t.value += w
	t.seen += d.weight * d.p * n
	t.variance += (1 - d.p) * w * w
	t.third += (1 - d.p) * w * w * w
	t.fourth += (1 - d.p) * w * w * w * w
}

// estimate gives the 95 % interval of a score test. The textbook interval, value +- 1.96 sqrt(variance), takes the variance
// for known; but it rests on the same few heavy traces as the value, so that a sample which misses some of them is too low
// and too sure of it. Here the variance belongs to the hypothesis: where the truth is larger by D than the estimate, D/unit
// more heavy traces exist, and the variance is larger by unit D. D^2 = z^2 (variance + unit D) has two roots; for draws of
// equal probability that is the score interval of a Poisson count.
func (t *total) estimate(whole *total) Estimate {
	e := Estimate{Truth: t.truth, Value: t.value, StdErr: math.Sqrt(t.variance), Design: math.Sqrt(t.design), Kept: t.kept}
	below, _ := scoreRoots(t.variance, t.unit())
	_, above := scoreRoots(t.variance, t.unseenUnit(whole))
	e.Low, e.High = max(t.value-below, t.seen), t.value+above
	return e
}

// scoreRoots solves D^2 = z^2 (variance + unit D) and returns how far down and up.
func scoreRoots(variance, unit float64) (below, above float64) {
	half := z95 * z95 * unit / 2
	root := math.Sqrt(half*half + z95*z95*variance)
	return root - half, root + half
}

// unit is how heavy the traces are that the variance comes from.
func (t *total) unit() float64 {
	if t.variance <= 0 {
		return 0
	}
	return t.third / t.variance
}

// unseenUnit is how heavy a trace is that may have been missed: as the heaviest are, for these are missed most easily. A few
// traces tell little about that, and those kept for certain nothing: two traces as the whole sample has them are added.
func (t *total) unseenUnit(whole *total) float64 {
	if whole.third <= 0 {
		return 0
	}
	const added = 2
	f := added / float64(whole.kept)
	return (t.fourth + f*whole.fourth) / (t.third + f*whole.third)
}

// without is the total of the traces that are not part of another.
func (t *total) without(part *total) total {
	return total{
		kept: t.kept - part.kept, truth: t.truth - part.truth, value: t.value - part.value, seen: t.seen - part.seen,
		variance: max(0, t.variance-part.variance), third: max(0, t.third-part.third),
		fourth: max(0, t.fourth-part.fourth),
	}
}

// shareOf estimates which part of all traces has a property, by the ratio of two totals.
func (t *total) shareOf(all *total) Estimate {
	e := Estimate{Kept: all.kept, High: 1}
	if all.truth > 0 {
		e.Truth = t.truth / all.truth
	}
	if all.value <= 0 {
		return e
	}
	e.Value = t.value / all.value
	rest := all.without(t)
	e.StdErr = math.Sqrt((1-e.Value)*(1-e.Value)*t.variance+e.Value*e.Value*rest.variance) / all.value
	e.Low = lastThat(e.Value, 0, func(r float64) bool { return plausible(t, &rest, all, r) })
	e.High = lastThat(e.Value, 1, func(r float64) bool { return plausible(t, &rest, all, r) })
	return e
}

// plausible is the score test of the hypothesis that a part is a share r of all: whether part - r all is as close to zero as
// chance explains, the variances of both sides being those of the hypothesis.
func plausible(part, rest, all *total, r float64) bool {
	d := r*all.value - part.value // what the part must have more, and the rest less
	vp, vr := part.varianceWith(d, all), rest.varianceWith(-d, all)
	return d*d <= z95*z95*((1-r)*(1-r)*vp+r*r*vr)*(1+1e-9)+1e-18*all.value*all.value
}

// varianceWith is the variance where the truth is more by d than the estimate. What is missing may be as heavy as what is
// heavy in the whole sample; what is too much goes in proportion.
func (t *total) varianceWith(d float64, whole *total) float64 {
	if d >= 0 {
		return t.variance + t.unseenUnit(whole)*d
	}
	return t.variance * max(0, 1+d/t.value)
}

// lastThat bisects between a value that holds and an end that may not.
func lastThat(from, end float64, ok func(float64) bool) float64 {
	if ok(end) {
		return end
	}
	for range 60 {
		if mid := (from + end) / 2; ok(mid) {
			from = mid
		} else {
			end = mid
		}
	}
	return from
}
