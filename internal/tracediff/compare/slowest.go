package compare

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Where one call of a hundred takes 5 s and all others take as long as ever, the geometric mean moves by less than windows differ. So the longest
// calls of both windows are counted as well, by where they come from: of the longest half percent of all calls together, as many as of the
// others should be of B. This is a test of exceedances (E. J. Gumbel and H. von Schelling, Annals of Mathematical Statistics 21,
// 1950), exact for independent calls whatever their distribution.
//
// Calls are not independent: what they have more in common in a time slice than independent calls would have is measured, and makes
// them count for less. And windows are a little slower or faster as a whole, which moves the tail of a distribution more than its middle.
// So B is compared with an A that is slower by as much as two windows hardly differ; and it is not asked whether B has more of the longest
// calls but whether it has more than slowestRatio times as many.
const (
	slowestRatio = 1.5
	slowestShift = 2 // standard deviations of the difference of two windows
)

// longestShares are the shares of all calls that are taken for the longest. The smaller ones find what is rarer, in more calls.
var longestShares = [...]float64{0.005, 0.001, 0.0002}

// slowest tests whether calls became frequent that take much longer than nearly all did. Its effect is the ratio of arithmetic means, which
// such calls move.
func (t *tester) slowest(p *pair) finding {
	f := unknown(Slowest, Slower)
	if !p.enough(minTraces) {
		return f
	}
	t.x.durations(p.a)
	t.y.durations(p.b)
	a, b := t.x.ratio(), t.y.ratio()
	if !t.known(a) || !t.known(b) || !(a.value > 0) || !(b.value > 0) {
		return f
	}
	f.logRatio(a.logarithm(), b.logarithm(), t.between(p.id, Slowest), part.twoSided)
	f.judge(Slower, Faster, logFloor(t.thresholds.MinLatencyRatio), referenceLatency)
	f.powered = false // few calls never show that there are none
	if f.p, f.attainable = longer(&p.a.Duration, &p.b.Duration, t.shift(p), p.together()); f.verdict != Slower {
		f.p = 1
	}
	return f
}

// durations are the clusters whose ratio is the mean of the duration.
func (c *clustered) durations(g *snapshot.Group) {
	c.reset()
	for i := range g.Slices {
		c.add(g.Slices[i].Duration, g.Slices[i].Weight)
	}
}

// shift is by how many buckets the durations of two windows may differ as a whole.
func (t *tester) shift(p *pair) int16 {
	return int16(math.Ceil(slowestShift * math.Sqrt(t.between(p.id, Latency).variance) / math.Ln2 * 8))
}

// longer is the p of how many of the longest calls are of b, where those of a take longer by so many buckets, and the smallest one that it could have
// been. Together are so many calls that count as one.
func longer(a, b *snapshot.Histogram, shift int16, together float64) (p, least float64) {
	x, y := a.Weight(), b.Weight()
	ofB := slowestRatio * y / (x + slowestRatio*y)
	p, least = 1, 1
	for _, share := range longestShares {
		fromA, fromB := longest(a, b, shift, share*(x+y))
		p = min(p, binomialTail(fromB/together, fromA/together, ofB))
		least = min(least, math.Pow(ofB, (fromA+fromB)/together))
	}
	const places = float64(len(longestShares))
	return min(1, places*p), min(1, places*least)
}

// longest is how many of the longest calls of two distributions come from each, from the longest bucket down until they are so many, where
// those of a take longer by so many buckets.
func longest(a, b *snapshot.Histogram, shift int16, enough float64) (fromA, fromB float64) {
	i, j := len(a.Buckets), len(b.Buckets)
	for fromA+fromB < enough && (i > 0 || j > 0) {
		index := int16(math.MinInt16)
		if i > 0 {
			index = a.Buckets[i-1].Index + shift
		}
		if j > 0 {
			index = max(index, b.Buckets[j-1].Index)
		}
		if i > 0 && a.Buckets[i-1].Index+shift == index {
			i--
			fromA += float64(a.Buckets[i].Weight)
		}
		if j > 0 && b.Buckets[j-1].Index == index {
			j--
			fromB += float64(b.Buckets[j].Weight)
		}
	}
	return fromA, fromB
}

// together is how many unusual calls count as one, at least 1: by how much the squared deviations of the logarithms of durations, to which the
// longest calls add most, vary more between time slices than those of independent calls would. Calls of one trace, bursts and weights are in it.
func (p *pair) together() float64 {
	mean := (p.sum[0].LogDuration + p.sum[1].LogDuration) / (p.sum[0].Weight + p.sum[1].Weight)
	square := func(s *snapshot.Slice) float64 {
		return s.LogDuration2 - 2*mean*s.LogDuration + mean*mean*s.Weight
	}
	var seen, independent float64
	residuals := make([]float64, 0, mostSlices)
	for side, g := range [...]*snapshot.Group{p.a, p.b} {
		usual := square(&p.sum[side]) / p.sum[side].Weight
		var sum float64
		residuals = residuals[:0]
		for i := range g.Slices {
			r := square(&g.Slices[i]) - usual*g.Slices[i].Weight
			residuals = append(residuals, r)
			sum += r * r
		}
		if n := float64(len(g.Slices)); n > 1 {
			seen += sum * n / (n - 1) * longRun(residuals)
		}
		for _, b := range g.Duration.Buckets {
			z := logMiddle(b.Index) - mean
			independent += float64(b.Weight) * (z*z - usual) * (z*z - usual)
		}
	}
	if !(independent > 0) {
		return 1
	}
	return max(1, seen/independent)
}

// logMiddle is the logarithm of the duration in the middle of a bucket.
func logMiddle(index int16) float64 { return (float64(index) + 0.5) / 8 * math.Ln2 }

// slowestOf is what can be said of the slowest calls of a group: nothing where all calls together are slower, nor where the mean did not move. It
// is tested against the window before and, where there are some, those before that.
func (t *tester) slowestOf(p *pair, latency *finding) (best finding, ok bool) {
	if !latency.tested || latency.p <= evident {
		return best, false
	}
	share := 1.0
	if t.earlier != nil {
		share = 0.5
	}
	if t.costs(p) {
		best = t.slowest(p)
		best.windows = t.between(p.id, Slowest).variance
		best.cost(share, 1)
	}
	if e := t.earlier; e != nil && e.glance.of.a != nil && t.costs(&e.glance.of) {
		figures := e.figures() // with the durations of all windows
		f := e.glance.by.measured(Slowest, &e.glance.of)
		f.cost(share, 1)
		f.figures = figures
		if f.tested && (!best.tested || f.p < best.p) {
			best = f
		}
	}
	return best, best.tested && best.p <= notable
}

// notable is the p up to which a test of the slowest calls is kept. Others are counted, and there are many.
const notable = 0.05

// costs tells whether calls take longer by the arithmetic mean.
func (t *tester) costs(p *pair) bool {
	a, b := &p.sum[0], &p.sum[1]
	return b.Duration*a.Weight >= t.thresholds.MinLatencyRatio*a.Duration*b.Weight
}

// stalls lists the sites where time went to a few long calls: the own time of operations, or the waiting on a call where that is what the client's
// span has of its own.
func (t *tester) stalls(match []pair, changes *numbers, d *Diff) (list []site) {
	traces := t.sides[1].sum.TraceWeight
	waits := map[operation][]*pair{}
	for i := range match {
		if p := &match[i]; p.id.Kind == snapshot.Edge && p.sum[0].WaitWeight > 0 && p.sum[1].WaitWeight > 0 {
			from := operation{p.id.CallerService, p.id.Caller}
			waits[from] = append(waits[from], p)
		}
	}
	for i := range match {
		p := &match[i]
		n, ok := changes.of(i, Slowest)
		if !ok || p.id.Kind != snapshot.Operation || !(d.Changes[n].P <= evident) {
			continue
		}
		lost := (selfMean(&p.b.Self) - selfMean(&p.a.Self)) / 1e9 * p.sum[1].Weight / traces
		if own, _ := longer(&p.a.Self, &p.b.Self, t.shift(p), p.together()); own > evident || !(lost > 0) {
			continue
		}
		s := site{of: p, measure: Latency, change: n, flagged: d.Changes[n].Flagged, lost: lost, peers: [2]string{p.id.Service, ""}}
		found := false
		for _, e := range waits[operation{p.id.Service, p.id.Value}] {
			a, b := &e.sum[0], &e.sum[1]
			if w := (b.Wait/b.WaitWeight - a.Wait/a.WaitWeight) / 1e9 * b.WaitWeight / traces; comparableLoss*w >= lost {
				found = true
				list = append(list, site{of: e, measure: Waiting, change: n, flagged: s.flagged, lost: w, peers: [2]string{e.id.Service, e.id.CallerService}})
			}
		}
		if !found {
			list = append(list, s)
		}
	}
	return list
}
