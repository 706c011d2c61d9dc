package compare

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// selections are two sets of traces whose shares of properties are compared.
type selections struct {
	sides  [2]exposure
	paired bool // both are of one window, so that what differs from one time slice to the next differs for both
	x, y   clustered
}

func newSelections(a, b *snapshot.Snapshot) *selections {
	return &selections{
		sides:  [2]exposure{exposureOf(a), exposureOf(b)},
		paired: a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Slice == b.Slice,
	}
}

// enough tells whether both have so many traces that anything could stand out.
func (s *selections) enough() bool {
	for i := range s.sides {
		if sum := &s.sides[i].sum; effective(sum.TraceWeight, sum.TraceWeight2) < leastTraces {
			return false
		}
	}
	return true
}

// candidateProperty is a property before it is compared. A side on which no trace has it has no group.
type candidateProperty struct {
	id     snapshot.Identity
	failed bool
	groups [2]*snapshot.Group
	folded bool // a side without it may hold it in an overflow group
}

// candidates are the properties that traces of either side have. Who calls whom is left out: it says little more than the operations.
func (s *selections) candidates(match []pair) (list []candidateProperty) {
	for i := range match {
		p := &match[i]
		c := candidateProperty{id: p.id, groups: [2]*snapshot.Group{p.a, p.b}, folded: p.folded}
		switch p.id.Kind {
		case snapshot.Edge:
			continue
		case snapshot.Total:
		default:
			list = append(list, c)
		}
		if p.id.Kind != snapshot.Attribute && p.id.Kind != snapshot.Path && p.sum[0].ErrorTraces+p.sum[1].ErrorTraces > 0 {
			c.failed = true
			list = append(list, c)
		}
	}
	return list
}

// weights are those of the traces that have the property, in one time slice: their sum, that of their squares, and how many they are.
func (c *candidateProperty) weights(s *snapshot.Slice) (w, w2 float64, traces uint32) {
	if c.failed {
		return s.ErrorTrace, s.ErrorTrace2, s.ErrorTraces
	}
	return s.TraceWeight, s.TraceWeight2, s.Traces
}

// describe says how common a property is on both sides.
func (s *selections) describe(c *candidateProperty) Property {
	p := Property{Identity: c.id, Failed: c.failed, Low: math.NaN(), High: math.NaN(), P: math.NaN(), Q: math.NaN()}
	var sums [2]float64
	var traces [2]uint64
	hash := xxhash.New()
	var scratch [32]byte
	for side, g := range c.groups {
		if g == nil {
			continue
		}
		for i := range g.Slices {
			w, w2, n := c.weights(&g.Slices[i])
			if n == 0 {
				continue
			}
			sums[side] += w
			traces[side] += uint64(n)
			binary.LittleEndian.PutUint32(scratch[0:], uint32(side))
			binary.LittleEndian.PutUint32(scratch[4:], g.Slices[i].Index)
			binary.LittleEndian.PutUint64(scratch[8:], uint64(n))
			binary.LittleEndian.PutUint64(scratch[16:], math.Float64bits(w))
			binary.LittleEndian.PutUint64(scratch[24:], math.Float64bits(w2))
			_, _ = hash.Write(scratch[:])
		}
	}
	p.counts = hash.Sum64()
	p.TracesA, p.TracesB = traces[0], traces[1]
	p.ShareA, p.ShareB = share(sums[0], s.sides[0].sum.TraceWeight), share(sums[1], s.sides[1].sum.TraceWeight)
	p.Difference = p.ShareB - p.ShareA
	p.Exemplars = c.exemplars(p.Difference)
	return p
}

// exemplars are traces of the side on which the property is more common.
func (c *candidateProperty) exemplars(difference float64) []string {
	g := c.groups[1]
	if difference < 0 || g == nil {
		g = c.groups[0]
	}
	switch {
	case g == nil:
		return nil
	case c.failed:
		return g.Exemplars.Error
	}
	return g.Exemplars.Random
}

// test compares the shares of a property; false where that could say nothing, because all traces have it. Where it is common, and
// lacking is too, the variance is that between time slices; where either is rare, traces are counted exactly.
func (s *selections) test(c *candidateProperty, p *Property) bool {
	x, y := s.tallies(c)
	if !(x.seen+y.seen > 0) || !(x.lacking()+y.lacking() > 0) {
		return false
	}
	few := min(x.seen, y.seen, x.lacking(), y.lacking()) < fewErrors
	if v, ok := s.variance(c, p, x, y); ok && !few {
		p.P = v.twoSided(p.Difference)
		half := v.half()
		p.Low, p.High = max(-1, p.Difference-half), min(1, p.Difference+half)
		return true
	}
	p.P, p.attainable = fisherTwoSided(x, y)
	p.Low, p.High = newcombe(p.ShareA, x.exposure, p.ShareB, y.exposure)
	return true
}

// lacking is the effective number of traces that do not show it.
func (t tally) lacking() float64 { return max(0, t.exposure-t.seen) }

// tallies count the traces that have a property on a scale on which they are independent. A trace that stands for many counts for as
// little as the weights of all traces of its side let expect, even if those with the property happen to be light: that no heavy one
// is among a dozen is chance.
func (s *selections) tallies(c *candidateProperty) (x, y tally) {
	var of [2]counted
	var unit [2]float64
	for side := range of {
		sum := &s.sides[side].sum
		of[side] = count(c.groups[side], s.sides[side].total, func(s *snapshot.Slice) (float64, float64) {
			w, w2, _ := c.weights(s)
			return w, w2
		})
		own := meanWeight(of[side].w, of[side].w2)
		unit[side] = max(own, meanWeight(sum.TraceWeight, sum.TraceWeight2))
		of[side].dense *= own / unit[side]
		// count compares with what is rare; of what is common, independent traces vary by less.
		if lacking := 1 - share(of[side].w, sum.TraceWeight); lacking > 0 {
			of[side].dense /= lacking
		}
	}
	x = tally{of[0].w / unit[0], s.sides[0].sum.TraceWeight / unit[0]}
	y = tally{of[1].w / unit[1], s.sides[1].sum.TraceWeight / unit[1]}
	excess := dispersion(of[0], of[1]) + s.between()/2*(x.seen+y.seen)/2
	return tally{x.seen / excess, x.exposure / excess}, tally{y.seen / excess, y.exposure / excess}
}

// between is the variance of the logarithm of a share between two windows; of one window there is none.
func (s *selections) between() float64 {
	if s.paired {
		return 0
	}
	return priorVariance(CallRate)
}

// variance is that of the difference of shares, from how much it varies over time slices; false where there are too few of them. It is
// never less than that of independent traces.
func (s *selections) variance(c *candidateProperty, p *Property, x, y tally) (part, bool) {
	s.x.shares(c, 0, s.sides[0].total)
	s.y.shares(c, 1, s.sides[1].total)
	a, b := s.x.ratio(), s.y.ratio()
	if !a.known() || !b.known() {
		return part{}, false
	}
	v := welch(part{a.variance, a.df}, part{b.variance, b.df})
	if s.paired {
		v.variance = s.together()
	}
	v.variance += s.between() * (p.ShareA*p.ShareA + p.ShareB*p.ShareB) / 2
	common := (x.seen + y.seen) / (x.exposure + y.exposure)
	v.variance = max(v.variance, common*(1-common)*(1/x.exposure+1/y.exposure))
	return v, true
}

// shares are the clusters whose ratio is the share of the traces that have a property. There is one for each time slice of the window,
// also for those without any trace, so that clusters of both sides can be matched.
func (c *clustered) shares(of *candidateProperty, side int, total *snapshot.Group) {
	c.reset()
	g := of.groups[side]
	at := 0
	for i := range total.Slices {
		t := &total.Slices[i]
		for uint32(len(c.d)) < t.Index {
			c.add(0, 0)
		}
		for g != nil && at < len(g.Slices) && g.Slices[at].Index < t.Index {
			at++
		}
		var w float64
		if g != nil && at < len(g.Slices) && g.Slices[at].Index == t.Index {
			w, _, _ = of.weights(&g.Slices[at])
		}
		c.add(w, t.TraceWeight)
	}
}

// together is the variance of the difference of two ratios over the same clusters: what moves both does not count. The ratios have been
// calculated, so that their residuals are there.
func (s *selections) together() float64 {
	a, b := sum(s.x.d), sum(s.y.d)
	var u []float64
	var squares, k float64
	for i := range max(len(s.x.r), len(s.y.r)) {
		var r, traces float64
		if i < len(s.x.r) {
			r -= s.x.r[i] / a
			traces += s.x.d[i]
		}
		if i < len(s.y.r) {
			r += s.y.r[i] / b
			traces += s.y.d[i]
		}
		if traces > 0 {
			k++
		}
		u = append(u, r)
		squares += r * r
	}
	return squares * (k - 1) / k * longRun(u)
}

func sum(list []float64) (total float64) {
	for _, v := range list {
		total += v
	}
	return total
}

// fisherTwoSided is the p of Fisher's exact test for two shares, twice the smaller tail, and the smallest that it could have given for so
// many traces with the property. Counts are rounded to whole ones.
func fisherTwoSided(a, b tally) (p, attainable float64) {
	if a.seen+b.seen > (a.exposure+b.exposure)/2 { // the same test from the other side, in fewer steps
		a.seen, b.seen = a.lacking(), b.lacking()
	}
	x, y := math.Round(a.seen), math.Round(b.seen)
	n, m := max(x, math.Round(a.exposure)), max(y, math.Round(b.exposure))
	if n == 0 || m == 0 || x+y == 0 {
		return 1, 1
	}
	p = min(1, 2*min(hypergeometricTail(y, m, x, n), hypergeometricTail(x, n, y, m)))
	all := func(n, m float64) float64 { // as many as possible on the side of n
		most := min(x+y, n)
		return hypergeometricTail(most, n, x+y-most, m)
	}
	return p, min(1, 2*min(all(n, m), all(m, n)))
}
