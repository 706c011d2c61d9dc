package compare

import (
	"cmp"
	"slices"
	"sync"
)

// maxRanked is how many slices of a side are ranked: a window has no more.
const maxRanked = 20

// ranks is the p of the test of H. B. Mann and D. R. Whitney (Annals of Mathematical Statistics 18, 1947) on the means of the
// time slices of both sides, exact for slices without ties: how often by chance alone so many slices of B would lie above (worse)
// or below those of A. least is the smallest p that it could have given. It is for few traces, which make few slices with any.
func (t *tester) ranks(worse bool) (p, least float64) {
	a, b := t.x.means(), t.y.means()
	if len(a) > maxRanked || len(b) > maxRanked {
		return 0, 0 // of so many slices the means are normal
	}
	type value struct {
		mean float64
		ofB  bool
	}
	all := make([]value, 0, 2*maxRanked)
	for _, v := range a {
		all = append(all, value{v, false})
	}
	for _, v := range b {
		all = append(all, value{v, true})
	}
	slices.SortFunc(all, func(x, y value) int { return cmp.Compare(x.mean, y.mean) })
	against, below := 0.0, 0.0 // pairs of slices that speak against the direction
	for i := 0; i < len(all); {
		j, equalA, equalB := i, 0.0, 0.0
		for ; j < len(all) && all[j].mean == all[i].mean; j++ {
			if all[j].ofB {
				equalB++
			} else {
				equalA++
			}
		}
		against += equalB * (float64(len(a)) - below - equalA/2)
		below += equalA
		i = j
	}
	if !worse {
		against = float64(len(a)*len(b)) - against
	}
	tail := mannWhitney(len(a), len(b), int(against+0.5))
	least = mannWhitney(len(a), len(b), 0)
	if worse {
		return either(tail, 1), either(least, 1)
	}
	return either(1, tail), either(1, least)
}

// means are those of the clusters that are not empty.
func (c *clustered) means() []float64 {
	m := make([]float64, 0, len(c.d))
	for i, d := range c.d {
		if d > 0 {
			m = append(m, c.n[i]/d)
		}
	}
	return m
}

// mannWhitney is the probability that at most u of the n m pairs are in the wrong order.
func mannWhitney(n, m, u int) float64 {
	ways := arrangements()[n][m]
	var some, all float64
	for i, w := range ways {
		all += w
		if i <= u {
			some += w
		}
	}
	return some / all
}

// arrangements counts, for n and m values, the orders in which u pairs are in the wrong order: by whether the largest value is one of
// the n or one of the m.
var arrangements = sync.OnceValue(func() (ways [maxRanked + 1][maxRanked + 1][]float64) {
	for n := range ways {
		for m := range ways[n] {
			w := make([]float64, n*m+1)
			switch {
			case n == 0 || m == 0:
				w[0] = 1
			default:
				for u := range w {
					if u-m >= 0 && u-m < len(ways[n-1][m]) {
						w[u] += ways[n-1][m][u-m]
					}
					if u < len(ways[n][m-1]) {
						w[u] += ways[n][m-1][u]
					}
				}
			}
			ways[n][m] = w
		}
	}
	return ways
})
