package compare

// deviations are cumulative sums over the slices of one side of what deviates from the mean of the other side, and of the
// weights, and the variance of a deviation of weight 1; 0 where the other side does not say what that is.
type deviations struct {
	sum, weight [mostSlices + 1]float64
	variance    float64
	slices      int
}

// deviations measures a side by the other.
func (s *scanner) deviations(side int) *deviations {
	v := &s.deviating
	v.variance, v.slices = 0, 0
	other := 1 - side
	n, d := &s.n[other], &s.d[other]
	var sumN, sumD float64
	for i := range s.slices[other] {
		sumN += n[i]
		sumD += d[i]
	}
	if !(sumD > 0) {
		return v
	}
	mean := sumN / sumD
	for i := range s.slices[other] {
		r := n[i] - mean*d[i]
		v.variance += r * r
	}
	v.variance /= sumD
	v.slices = s.slices[side]
	n, d = &s.n[side], &s.d[side]
	var steps, last float64 // of the side's own neighbours: what they differ by is no change that lasts
	for i := range v.slices {
		r := n[i] - mean*d[i]
		v.sum[i+1], v.weight[i+1] = v.sum[i]+r, v.weight[i]+d[i]
		if i > 0 {
			steps += (r - last) * (r - last) / 2
		}
		last = r
	}
	if total := v.weight[v.slices]; total > 0 {
		v.variance = max(v.variance, steps/total)
	}
	return v
}

// worthwhile tells whether any part can deviate enough to be tested: none deviates by more than the whole range of the sums, and none has
// much less weight than the fewest slices of a part have in the mean.
func (v *deviations) worthwhile() bool {
	if !(v.variance > 0) {
		return false
	}
	low, high := 0.0, 0.0
	for _, s := range v.sum[1 : v.slices+1] {
		low, high = min(low, s), max(high, s)
	}
	least := v.weight[v.slices] * leastSlices / float64(v.slices) / 2
	return (high-low)*(high-low) > worthTest*v.variance*least
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
func (v *deviations) end() (stretch, bool) {
	best, at := float64(worthTest), 0
	for i := 1; i <= v.slices-leastSlices; i++ {
		if q := v.squared(i, v.slices); q > best {
			best, at = q, i
		}
	}
	return stretch{1, uint32(at), uint32(v.slices)}, at > 0 && v.apart(at, v.slices)
}

// beginning is the beginning of A that deviates most from B.
func (v *deviations) beginning() (stretch, bool) {
	best, at := float64(worthTest), 0
	for i := leastSlices; i < v.slices; i++ {
		if q := v.squared(0, i); q > best {
			best, at = q, i
		}
	}
	return stretch{0, 0, uint32(at)}, at > 0 && v.apart(0, at)
}

// between is the part of B that deviates most from A and touches neither of its ends.
func (v *deviations) between() (stretch, bool) {
	best, from, until := float64(worthTest), 0, 0
	for length := leastSlices; length < v.slices-1; length++ {
		for i := 1; i+length < v.slices; i++ {
			if q := v.squared(i, i+length); q > best {
				best, from, until = q, i, i+length
			}
		}
	}
	return stretch{1, uint32(from), uint32(until)}, until > 0 && v.apart(from, until)
}
