package compare

import (
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A change may begin inside a window, or end there, or be shorter. The slices of such a window differ so much from each other that a
// test of the whole window, whose yardstick is just that, does not see it. So the same test is also made on parts of a window:
// on the end of B (the change began there), on the beginning of A (it began in A, and all of B has it), and on something
// between in B (it came and went). Which part is found by the largest cumulative sum of the deviations from the mean of the other side
// (E. S. Page, Biometrika 41, 1954); what is tested is the part alone, as if it were a window.
//
// Looking in several places finds more by chance. The level is divided by Bonferroni: most of it goes to the whole window, the rest
// to the parts, and what goes to a part is divided by the number of places that it could have been, as far as these
// are independent.
const (
	wholeShare   = 0.8  // of the level
	endShare     = 0.08 // for the end of B; as much for the beginning of A
	betweenShare = 0.04 // for a part between, in B
	endPlaces    = 10   // independent places of an end among 20
	betweenPlace = 50   // independent places of a part between

	leastSlices = 4  // of a part that is tested
	mostSlices  = 20 // of a window that is scanned
	worthTest   = 9  // squared standardised deviation from which on a part is tested
)

// scanner is the scratch of scans.
type scanner struct {
	slices [2]int // of the windows
	n, d   [2][mostSlices]float64
}

// newScanner is nil where windows cannot be scanned: they have too few slices.
func newScanner(a, b *snapshot.Snapshot) *scanner {
	s := &scanner{slices: [2]int{a.Slices(), b.Slices()}}
	for _, n := range s.slices {
		if n < 2*leastSlices || n > mostSlices {
			return nil
		}
	}
	return s
}

// scanned is the finding on the whole window, or on a part of one if that is less likely by chance.
func (t *tester) scanned(whole finding, p *pair) finding {
	if t.scan == nil {
		return whole
	}
	whole.cost(t.wholeShare(), 1)
	if t.earlier != nil {
		if f := t.againstEarlier(whole.measure, p); f.tested && (!whole.tested || f.p < whole.p) {
			whole = f
		}
	}
	if !t.scan.load(whole.measure, p, t) {
		return whole
	}
	best := whole
	try := func(s stretch, ok bool, share, places float64) {
		if !ok {
			return
		}
		narrow, cut := t.during(s, p)
		if whole.measure == CallRate && !cut.enough(fewCalls) {
			return // a session of one user would be a change
		}
		f := narrow.measured(whole.measure, cut)
		f.cost(share, places)
		if f.tested && (!best.tested || f.p < best.p || f.p == best.p && best.part == nil) {
			f.part = &s
			f.before, f.after = absolute(&narrow.sides[0], cut.a, &cut.sum[0]), absolute(&narrow.sides[1], cut.b, &cut.sum[1])
			best = f
		}
	}
	s, ok := t.scan.end()
	try(s, ok, endShare, endPlaces)
	s, ok = t.scan.beginning()
	try(s, ok, endShare, endPlaces)
	s, ok = t.scan.between()
	try(s, ok, betweenShare, betweenPlace)
	return best
}

// measured makes one test.
func (t *tester) measured(m Measure, p *pair) finding {
	if p.a == nil || p.b == nil {
		return unknown(m, "")
	}
	var f finding
	switch m {
	case Latency:
		f = t.latency(p)
	case Waiting:
		f = t.waiting(p)
	case Errors:
		f = t.errors(p)
	default:
		f = t.calls(p)
	}
	f.windows = t.between(p.id, m).variance
	return f
}

// cost makes a test pay for its share of the level, and for the places in which it could have been made.
func (f *finding) cost(share, places float64) {
	f.p = min(1, f.p*places/share)
	f.attainable = min(1, f.attainable*places/share)
}

// load reads the slices of both sides; false where there is too little to look at.
func (s *scanner) load(m Measure, p *pair, t *tester) bool {
	if p.a == nil || p.b == nil || p.sum[0].Traces+p.sum[1].Traces < 2*leastTraces {
		return false
	}
	for side, g := range [...]*snapshot.Group{p.a, p.b} {
		s.n[side], s.d[side] = [mostSlices]float64{}, [mostSlices]float64{}
		n, d := &s.n[side], &s.d[side]
		for i := range g.Slices {
			v := &g.Slices[i]
			if int(v.Index) >= s.slices[side] {
				continue
			}
			switch m {
			case Latency:
				n[v.Index], d[v.Index] = v.LogDuration, v.Weight
			case Waiting:
				n[v.Index], d[v.Index] = v.LogWait, v.WaitWeight
			case Errors:
				n[v.Index], d[v.Index] = v.ErrorTrace, v.TraceWeight
			default:
				n[v.Index] = v.Weight
			}
		}
		if m != CallRate {
			continue
		}
		from := t.exposing(side, p)
		for i := range from.group.Slices {
			if v := &from.group.Slices[i]; int(v.Index) < s.slices[side] {
				d[v.Index] = from.weight(v)
			}
		}
	}
	return true
}

// deviations are cumulative sums over the slices of one side of what deviates from the mean of the other side, and of the
// weights, and the variance of a deviation of weight 1. ok is false where the other side does not say what that is.
type deviations struct {
	sum, weight [mostSlices + 1]float64
	variance    float64
	slices      int
}

// from measures a side by the other.
func (s *scanner) from(side int) (v deviations, ok bool) {
	other := 1 - side
	n, d := &s.n[other], &s.d[other]
	var sumN, sumD float64
	for i := range s.slices[other] {
		sumN += n[i]
		sumD += d[i]
	}
	if !(sumD > 0) {
		return v, false
	}
	mean := sumN / sumD
	for i := range s.slices[other] {
		r := n[i] - mean*d[i]
		v.variance += r * r
	}
	v.variance /= sumD
	v.slices = s.slices[side]
	n, d = &s.n[side], &s.d[side]
	var floor, step float64 // of the variance: what the side's own neighbours differ by
	for i := range v.slices {
		r := n[i] - mean*d[i]
		v.sum[i+1], v.weight[i+1] = v.sum[i]+r, v.weight[i]+d[i]
		if i > 0 {
			step = r - (n[i-1] - mean*d[i-1])
			floor += step * step / 2
		}
	}
	if total := v.weight[v.slices]; total > 0 {
		v.variance = max(v.variance, floor/total)
	}
	return v, v.variance > 0
}

// mostOfRest is how much of the deviation of a part the rest may have: with more, it is not that part that changed but the whole.
const mostOfRest = 0.5

// apart tells whether the slices from one up to another deviate, and the rest does not.
func (v *deviations) apart(from, until int) bool {
	w := v.weight[until] - v.weight[from]
	rest := v.weight[v.slices] - w
	if !(w > 0) || !(rest > 0) {
		return false
	}
	sum := v.sum[until] - v.sum[from]
	return (v.sum[v.slices]-sum)/rest/(sum/w) < mostOfRest
}

// squared is the squared standardised deviation of the slices from one up to another.
func (v *deviations) squared(from, until int) float64 {
	w := v.weight[until] - v.weight[from]
	if !(w > 0) {
		return 0
	}
	sum := v.sum[until] - v.sum[from]
	return sum * sum / (w * v.variance)
}

// end is the end of B that deviates most from A.
func (s *scanner) end() (stretch, bool) {
	v, ok := s.from(1)
	best, at := float64(worthTest), 0
	for i := 1; ok && i <= v.slices-leastSlices; i++ {
		if q := v.squared(i, v.slices); q > best {
			best, at = q, i
		}
	}
	return stretch{1, uint32(at), uint32(v.slices)}, at > 0 && v.apart(at, v.slices)
}

// beginning is the beginning of A that deviates most from B.
func (s *scanner) beginning() (stretch, bool) {
	v, ok := s.from(0)
	best, at := float64(worthTest), 0
	for i := leastSlices; ok && i < v.slices; i++ {
		if q := v.squared(0, i); q > best {
			best, at = q, i
		}
	}
	return stretch{0, 0, uint32(at)}, at > 0 && v.apart(0, at)
}

// between is the part of B that deviates most from A and touches neither of its ends.
func (s *scanner) between() (stretch, bool) {
	v, ok := s.from(1)
	best, from, until := float64(worthTest), 0, 0
	for length := leastSlices; ok && length < v.slices-1; length++ {
		for i := 1; i+length < v.slices; i++ {
			if q := v.squared(i, i+length); q > best {
				best, from, until = q, i, i+length
			}
		}
	}
	return stretch{1, uint32(from), uint32(until)}, until > 0 && v.apart(from, until)
}
