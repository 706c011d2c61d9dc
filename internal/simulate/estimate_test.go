package simulate

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// Three traces kept with certainty, one in two and one in four: 1 + 2 + 4 = 7. The variance is 0 + 1/2 * 4 + 3/4 * 16 = 14.
func TestTotalByHand(t *testing.T) {
	var all total
	for _, p := range []float64{1, 0.5, 0.25} {
		all.add(drawn{weight: 1 / p, p: p}, 1)
	}
	for _, p := range []float64{1, 0.5, 0.25, 0.25, 0.5} {
		all.expect(drawn{weight: 1 / p, p: p}, 1)
	}
	e := all.estimate(&all)
	assert.InDelta(t, 7, e.Value, 1e-12)
	assert.InDelta(t, math.Sqrt(14), e.StdErr, 1e-12)
	assert.InDelta(t, 5, e.Truth, 1e-12)
	assert.InDelta(t, math.Sqrt(0+1+3+3+1), e.Design, 1e-12) // (1-p)/p each
	assert.Equal(t, 3, e.Kept)
	assert.InDelta(t, 2/math.Sqrt(14), e.Z(), 1e-12)
	assert.GreaterOrEqual(t, e.Low, 3.0, "three traces were seen")
	assert.True(t, e.Holds())
}

// Ten traces kept with probability 1/10 each are a Poisson count of 10, in tens. Its score interval solves
// (10 - x)^2 = 1.96^2 x; here the draws are binomial, which takes a factor 9/10 off the variance.
func TestIntervalOfEqualDraws(t *testing.T) {
	var all total
	for range 10 {
		all.add(drawn{weight: 10, p: 0.1}, 1)
	}
	e := all.estimate(&all)
	for _, end := range []float64{e.Low, e.High} {
		x := end / 10
		variance := 0.9*10 + (x - 10) // of the hypothesis: as observed at x = 10, one more for every trace more
		assert.InDelta(t, z95*z95*variance, (x-10)*(x-10), 1e-9)
	}
	assert.Greater(t, e.High-e.Value, e.Value-e.Low, "what was missed is not bounded by what was seen")
}

// A part of which all was kept for certain is exact downwards, and may have more that the sample missed.
func TestIntervalOfCertainPart(t *testing.T) {
	var all, part total
	for range 5 {
		d := drawn{weight: 1, p: 1}
		all.add(d, 1)
		part.add(d, 1)
		all.add(drawn{weight: 100, p: 0.01}, 1)
	}
	e := part.estimate(&all)
	assert.InDelta(t, 5, e.Low, 1e-9)
	assert.InDelta(t, 5+z95*z95*100, e.High, 5, "like the rule of three: none seen of those that count 100")
	assert.Zero(t, e.StdErr)

	everything := part.estimate(&part)
	assert.InDelta(t, 5, everything.High, 1e-9, "where nothing was left to chance, nothing can have been missed")
}

func TestEstimateOfNothing(t *testing.T) {
	var none total
	e := none.estimate(&none)
	assert.Equal(t, Estimate{}, e)
	assert.True(t, e.Holds())
	r := none.shareOf(&none)
	assert.Zero(t, r.Value)
	assert.InDelta(t, 1, r.High, 0, "nothing is known")
}

// Over all outcomes of a few draws, each with its probability, totals and their variances are right in the mean.
func TestTotalIsUnbiased(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0.05, 1), 1, 9).Draw(t, "probabilities")
		size := rapid.SliceOfN(rapid.IntRange(0, 50), len(p), len(p)).Draw(t, "sizes")
		var truth total
		for i := range p {
			truth.expect(drawn{weight: 1 / p[i], p: p[i]}, float64(size[i]))
		}
		var mean, variance, square float64
		for set := range 1 << len(p) {
			chance := 1.0
			var kept total
			for i := range p {
				if set>>i&1 == 1 {
					chance *= p[i]
					kept.add(drawn{weight: 1 / p[i], p: p[i]}, float64(size[i]))
				} else {
					chance *= 1 - p[i]
				}
			}
			mean += chance * kept.value
			variance += chance * kept.variance
			square += chance * (kept.value - truth.truth) * (kept.value - truth.truth)
		}
		assert.InDelta(t, truth.truth, mean, 1e-6*(1+mean), "estimate")
		assert.InDelta(t, truth.design, variance, 1e-6*(1+variance), "stated variance")
		assert.InDelta(t, truth.design, square, 1e-6*(1+square), "variance as it is")
	})
}

// sample draws kept traces.
func sample(t *rapid.T) []drawn {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) drawn {
		in := 1 / rapid.SampledFrom([]float64{1, 1, 0.5, 0.01}).Draw(t, "came in with")
		p := rapid.OneOf(rapid.Just(1.0), rapid.Float64Range(1e-6, 1)).Draw(t, "p")
		return drawn{weight: in / p, p: p}
	}), 1, 40).Draw(t, "kept")
}

func TestIntervalsHoldTheEstimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all, part total
		var d distribution
		for _, k := range sample(t) {
			all.add(k, 1)
			if rapid.Bool().Draw(t, "part") {
				part.add(k, 1)
			}
			d.add(rapid.Float64Range(0, 10).Draw(t, "value"), k)
		}
		d.seal()
		for _, e := range []Estimate{all.estimate(&all), part.estimate(&all), part.shareOf(&all)} {
			assert.LessOrEqual(t, e.Low, e.Value*(1+1e-9))
			assert.GreaterOrEqual(t, e.High, e.Value*(1-1e-9))
			assert.GreaterOrEqual(t, e.Low, 0.0)
			assert.False(t, math.IsNaN(e.Low+e.High+e.StdErr), "%+v", e)
		}
		r := part.shareOf(&all)
		assert.LessOrEqual(t, r.High, 1.0)
		last := math.Inf(-1)
		for _, q := range []float64{0.01, 0.5, 0.9, 0.99} {
			v := d.quantile(q)
			low, high, open := d.interval(q)
			assert.LessOrEqual(t, low, v)
			assert.True(t, open || high >= v)
			assert.GreaterOrEqual(t, v, last, "quantiles ascend")
			last = v
		}
	})
}

// 1, 2, 3, 4 of weight 1 and 5 of weight 6: half of the weight of 10 is reached within the 5.
func TestQuantileByHand(t *testing.T) {
	var d distribution
	for v := 1.0; v <= 4; v++ {
		d.add(v, drawn{weight: 1, p: 1})
	}
	d.add(5, drawn{weight: 6, p: 1.0 / 6})
	d.seal()
	assert.InDelta(t, 4, d.quantile(0.4), 0)
	assert.InDelta(t, 5, d.quantile(0.41), 0)
	assert.InDelta(t, 1, d.quantile(0), 0)
	assert.InDelta(t, 5, d.quantile(1), 0)

	var certain distribution
	for v := 1.0; v <= 100; v++ {
		certain.addOne(v)
	}
	certain.seal()
	low, high, open := certain.interval(0.5)
	assert.InDelta(t, 50, low, 0)
	assert.InDelta(t, 51, high, 0, "the first value that is past the half")
	assert.False(t, open)

	var empty distribution
	assert.Zero(t, empty.quantile(0.5))
	_, _, open = empty.interval(0.5)
	assert.True(t, open)
}

// A tenth of the mass above the largest of three kept traces is no surprise, so the 90th percentile has no upper end.
func TestQuantileWithoutUpperEnd(t *testing.T) {
	var d distribution
	for v := 1.0; v <= 3; v++ {
		d.add(v, drawn{weight: 20, p: 0.05})
	}
	d.seal()
	e := quantileEstimate(&d, &d, 0.9)
	assert.True(t, e.Open)
	e.Truth = 1000
	assert.True(t, e.Holds())
	low, _, open := d.interval(0.01)
	assert.Zero(t, low, "nor does the first percentile have a lower one")
	assert.False(t, open)
}
