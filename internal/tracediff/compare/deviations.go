package compare

// deviations are cumulative sums over the slices of one side of what deviates from the mean of the other side, and of the
// weights, and the variance of a deviation of weight 1; 0 where the other side does not say what that is.
type deviations struct {
	sum, weight [mostSlices + 1]float64
	low, high   float64 // of the sums
	variance    float64
	slices      int
}

// deviations measures a side by the other. They are good until the next ones.
func (s *scanner) deviations(side int) *deviations {
	v := &s.deviating
	v.low, v.high, v.variance, v.slices = 0, 0, 0, 0
	other := 1 - side
	total := s.weight[other]
	if !(total > 0) {
		return v
	}
	mean := s.total[other] / total
	v.slices = s.slices[side]
	n, d, otherN, otherD := &s.n[side], &s.d[side], &s.n[other], &s.d[other]
	var sum, weight, squares float64
	var steps, last float64 // of the side's own neighbours: what they differ by is no change that lasts
	for i := range n {      // all but the slices of the windows are 0
		r := otherN[i] - mean*otherD[i]
		squares += r * r
		r = n[i] - mean*d[i]
		sum += r
		weight += d[i]
		v.sum[i+1], v.weight[i+1] = sum, weight
		if sum < v.low {
			v.low = sum
		} else if sum > v.high {
			v.high = sum
		}
		if i > 0 && i < v.slices {
			steps += (r - last) * (r - last)
		}
		last = r
	}
	v.variance = squares / total
	if weight > 0 {
		v.variance = max(v.variance, steps/2/weight)
	}
	return v
}

// worthwhile tells whether any part can deviate enough to be tested: none deviates by more than the whole range of the sums, and none has
// much less weight than the fewest slices of a part have in the mean.
func (v *deviations) worthwhile() bool {
	if !(v.variance > 0) {
		return false
	}
	least := v.weight[v.slices] * leastSlices / float64(v.slices) / 2
	return (v.high-v.low)*(v.high-v.low) > worthTest*v.variance*least
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

// more tells whether the slices from one up to another have a larger squared standardised deviation than the best so far, and makes it the best.
func (v *deviations) more(from, until int, best *float64) bool {
	w := v.weight[until] - v.weight[from]
	sum := v.sum[until] - v.sum[from]
	if !(w > 0) || sum*sum < (*best)*w*v.variance*(1-1e-9) { // a division that is not worth it
		return false
	}
	q := sum * sum / (w * v.variance)
	if q <= *best {
		return false
	}
	*best = q
	return true
}

// end is the end of B that deviates most from A.
func (v *deviations) end() (stretch, bool) {
	best, at := float64(worthTest), 0
	for i := 1; i <= v.slices-leastSlices; i++ {
		if v.more(i, v.slices, &best) {
			at = i
		}
	}
	return stretch{1, uint32(at), uint32(v.slices)}, at > 0 && v.apart(at, v.slices)
}

// beginning is the beginning of A that deviates most from B.
func (v *deviations) beginning() (stretch, bool) {
	best, at := float64(worthTest), 0
	for i := leastSlices; i < v.slices; i++ {
		if v.more(0, i, &best) {
			at = i
		}
	}
	return stretch{0, 0, uint32(at)}, at > 0 && v.apart(0, at)
}

// between is the part of B that deviates most from A and touches neither of its ends.
func (v *deviations) between() (stretch, bool) {
	best, from, until := float64(worthTest), 0, 0
	rows := make([]int, 0, mostSlices) // beginnings of parts that can deviate enough
	for i := 1; i+leastSlices < v.slices; i++ {
		far := max(v.high-v.sum[i], v.sum[i]-v.low)
		if far*far > worthTest*v.variance*(v.weight[i+leastSlices]-v.weight[i])*(1-1e-9) {
			rows = append(rows, i)
		}
	}
	for length := leastSlices; length < v.slices-1; length++ {
		for _, i := range rows {
			if i+length >= v.slices {
				break
			}
			if v.more(i, i+length, &best) {
				from, until = i, i+length
			}
		}
	}
	return stretch{1, uint32(from), uint32(until)}, until > 0 && v.apart(from, until)
}
