package compare

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// wrong counts the pairs of a value of A and one of B in which that of B is smaller. order has a bit for each value, the smallest first; it is set
// for those of B.
func wrong(order uint, values int) (pairs int) {
	b := 0 // values of B so far
	for i := range values {
		if order>>i&1 == 1 {
			b++
		} else {
			pairs += b
		}
	}
	return pairs
}

// All orders of so many values are equally likely by chance; counting them is the definition.
func TestMannWhitneyCountsOrders(t *testing.T) {
	for n := range 8 {
		for m := range 8 {
			count := make([]float64, n*m+1)
			all := 0.0
			for order := range uint(1) << (n + m) {
				if bits.OnesCount(order) == m {
					count[wrong(order, n+m)]++
					all++
				}
			}
			below := 0.0
			for u, c := range count {
				below += c
				assert.InDelta(t, below/all, mannWhitney(n, m, u), 1e-12, "n = %d, m = %d, u = %d", n, m, u)
			}
		}
	}
}

// ranked is a tester with the means of the slices of both sides.
func ranked(a, b []float64) *tester {
	t := &tester{}
	for _, v := range a {
		t.x.add(2*v, 2)
		t.x.add(0, 0) // a slice without traces has no mean
	}
	for _, v := range b {
		t.y.add(v, 1)
	}
	return t
}

// The p of values without ties is that of their order; that of the other direction comes from the other side of the distribution; and no order
// gives less than the least.
func TestRanksAreThoseOfTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}).Draw(t, "order")
		n := rapid.IntRange(1, 8).Draw(t, "of A")
		a, b := order[:n], order[n:]
		against := 0
		for _, x := range a {
			for _, y := range b {
				if y < x {
					against++
				}
			}
		}
		m := len(b)
		up, least := ranked(a, b).ranks(true)
		down, leastDown := ranked(a, b).ranks(false)
		assert.InDelta(t, min(1, mannWhitney(n, m, against)/harmful), up, 1e-12)
		assert.InDelta(t, min(1, mannWhitney(n, m, n*m-against)/(1-harmful)), down, 1e-12)
		assert.GreaterOrEqual(t, up, least)
		assert.GreaterOrEqual(t, down, leastDown)
		back, _ := ranked(b, a).ranks(true)
		assert.InDelta(t, min(1, mannWhitney(m, n, n*m-against)/harmful), back, 1e-12, "the other way around")
	})
}

// Equal values count for half in either direction, so that sides which are equal throughout give no evidence.
func TestRanksOfTies(t *testing.T) {
	same := []float64{1, 1, 1, 1, 1, 1}
	p, _ := ranked(same, same).ranks(true)
	assert.GreaterOrEqual(t, p, 0.5)
	p, _ = ranked([]float64{1, 2}, []float64{1, 2}).ranks(true)
	assert.InDelta(t, 4.0/6/harmful, p, 1e-12, "one pair of four speaks against it, one for it, two are equal")
	sure, least := ranked(same, []float64{2, 2, 2, 2, 2, 2}).ranks(true)
	assert.InDelta(t, least, sure, 1e-12, "all of B above all of A is as sure as it gets")
	assert.InDelta(t, 1.0/924/harmful, sure, 1e-12)
}

// Few traces whose logarithms are far from normal: one that hangs for a minute makes no change of it, as it would by the mean alone.
func TestRanksHaveToAgree(t *testing.T) {
	a := []float64{1, 1.1, 1.2, 1, 1.1, 1.2, 1.05, 1.15}
	outlier := []float64{1, 1.1, 1.2, 1, 1.1, 1.2, 1.05, 60}
	p, _ := ranked(a, outlier).ranks(true)
	assert.Greater(t, p, 0.3)
	shifted := []float64{2, 2.1, 2.2, 2, 2.1, 2.2, 2.05, 2.15}
	p, _ = ranked(a, shifted).ranks(true)
	assert.Less(t, p, 0.001)
}
