package tailsampling

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestCutoffSolvesForTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c cutoff
		n := rapid.IntRange(1, 300).Draw(t, "n")
		spread := rapid.Float64Range(0, 20).Draw(t, "spread") // weights lie within e^-20 and e^20
		weights, costs := make([]float64, n), make([]float64, n)
		total := 0.0
		for i := range weights {
			weights[i] = math.Exp(spread * rapid.Float64Range(-1, 1).Draw(t, "w"))
			costs[i] = rapid.Float64Range(1, 100).Draw(t, "cost")
			c.add(weights[i], costs[i])
			total += costs[i]
		}
		share := rapid.Float64Range(0.001, 0.99).Draw(t, "share")
		tau := c.tau(share)
		kept := func(tau float64) float64 {
			sum := 0.0
			for i, w := range weights {
				sum += costs[i] * min(1, w/tau)
			}
			return sum
		}
		// A bucket is a quarter of an octave wide, so the answer brackets the exact one by that.
		const bucket = 1.19
		assert.LessOrEqual(t, kept(tau*bucket), share*total*1.0001)
		assert.GreaterOrEqual(t, kept(tau/bucket), share*total*0.9999)
	})
}

func TestCutoffAtTheEnds(t *testing.T) {
	var c cutoff
	assert.True(t, math.IsInf(c.tau(0.5), 1), "nothing is known")
	c.add(3, 10)
	assert.True(t, math.IsInf(c.tau(0), 1), "no budget")
	assert.Zero(t, c.tau(1.1), "everything fits")
	c.add(0, 10)
	assert.Zero(t, c.tau(0.6), "all that weighs anything fits")
}
