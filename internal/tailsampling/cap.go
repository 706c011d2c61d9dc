package tailsampling

import (
	"cmp"
	"math"
	"slices"
)

// admit applies the hard cap to the candidates that no rule has settled.
//
// Those that the cut-off tau keeps are taken in priority order until the tokens are spent; the last one taken may overdraw,
// which is a debt for the next collection. A trace is taken exactly if those before it have not spent all, so its own
// cut-off is the priority at which the others alone would have done so: the first one at which everything taken so far,
// without its own cost, reaches the tokens. That cut-off does not depend on the trace's own rank, which is what makes the
// probability exact. Never skip one and take a later one.
func (s *selector) admit(cs []candidate, tau float64) {
	tokens := s.allowance.available()
	single := s.largest(tokens)
	s.order = s.order[:0]
	var large float64 // expected cost of those sampled on their own terms
	for i := range cs {
		c := &cs[i]
		if c.out || c.sure {
			continue
		}
		c.p = c.probability(tau, 1)
		c.large = c.cost > max(tokens, s.allowance.depth())
		if c.apart = c.cost > single; c.apart {
			large += c.p * c.cost
		} else if c.rank <= c.p {
			s.order = append(s.order, int32(i))
		}
	}
	slices.SortFunc(s.order, func(a, b int32) int { return byPriority(&cs[a], &cs[b]) })
	s.allowance.spend(s.take(cs, tokens))
	if large > 0 {
		s.admitLarge(cs, large, tokens)
	}
}

// largest is the cost up to which a trace may overdraw. Under a debt that has not been paid in time there is no such.
func (s *selector) largest(tokens float64) float64 {
	if tokens <= 0 {
		return 0
	}
	return max(tokens, s.allowance.depth())
}

// take admits s.order from the top and sets the probabilities of what it admits. It returns the cost.
func (s *selector) take(cs []candidate, tokens float64) float64 {
	s.capped = false
	s.sums = s.sums[:0] // cost up to and including each
	var sum float64
	taken := 0
	for _, i := range s.order {
		if sum < tokens {
			taken++
		}
		sum += cs[i].cost
		s.sums = append(s.sums, sum)
	}
	if taken == len(s.order) && sum < tokens {
		for _, i := range s.order {
			cs[i].admitted = true
		}
		return sum
	}
	for n, i := range s.order[:taken] {
		c := &cs[i]
		c.admitted = true
		// The first other candidate at which the others reach the tokens. Behind position n the sums hold c's cost.
		at := max(n+1, firstAtLeast(s.sums, tokens+c.cost))
		if at < len(s.order) {
			c.cut(&cs[s.order[at]])
			s.capped = true
		}
	}
	for _, i := range s.order[taken:] {
		cs[i].cut(&cs[i])
		s.capped = true
	}
	if taken == 0 {
		return 0
	}
	return s.sums[taken-1]
}

// firstAtLeast finds the first of the ascending sums that reaches want.
func firstAtLeast(sums []float64, want float64) int {
	at, _ := slices.BinarySearch(sums, want)
	return at
}

// cut lowers the probability of c to the cut-off that another candidate stands for. If that one is within its floor, it is
// the floors that shrink.
func (c *candidate) cut(other *candidate) {
	if class, value := other.priority(); class == 1 {
		c.p = c.probability(math.Inf(1), 1/value)
	} else {
		c.p = c.probability(value, 1)
	}
}

// admitLarge keeps each large candidate independently, all scaled to the tokens at hand, or to a quarter of what one collection
// earns while there is a debt. What they take is paid by later collections: were it taken from this one, the others here
// would have no chance at all whenever a large one is kept.
func (s *selector) admitLarge(cs []candidate, expected, tokens float64) {
	room := max(tokens, s.allowance.rate*selectInterval.Seconds()/4)
	scale := min(1, room/expected)
	for i := range cs {
		c := &cs[i]
		if !c.apart {
			continue
		}
		c.p = max(c.p*scale, minProbability)
		if c.admitted = c.rank <= c.p; c.admitted {
			s.allowance.spend(c.cost)
		}
	}
}

func byPriority(a, b *candidate) int {
	ca, va := a.priority()
	cb, vb := b.priority()
	if ca != cb {
		return cb - ca
	}
	return cmp.Compare(vb, va)
}
