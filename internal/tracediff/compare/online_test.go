package compare

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// Where nothing ever changes, a horizon may bring a false discovery at most as often as the rate says; and the procedure
// is as watchful at its end as at its beginning.
func TestOnlineRateHoldsForAHorizon(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const runs = 2000
	spoiled := 0
	for range runs {
		o := Online{Rate: 0.1, Horizon: 200}
		first := o.Level()
		found := 0
		for range 200 {
			assert.GreaterOrEqual(t, o.Level(), first)
			hit := r.Float64() <= o.Level()
			if hit {
				found++
			}
			o.Record(hit)
		}
		if found > 0 {
			spoiled++
		}
	}
	assert.InDelta(t, 0.05, float64(spoiled)/runs, 0.015)
}

// Discoveries earn more attention, and what was earned runs out.
func TestDiscoveriesEarn(t *testing.T) {
	o := Online{Rate: 0.05, Horizon: 100}
	quiet := o.Level()
	o.Record(true)
	o.Record(true)
	assert.InDelta(t, quiet+(0.05-0.025)/100+0.05/100, o.Level(), 1e-12)
	for range 98 {
		o.Record(false)
	}
	assert.InDelta(t, quiet, o.Level(), 1e-12, "a new horizon begins with the budget it began with")
}

// More windows with the same evidence are more evidence, and one window is its own p.
func TestEvidenceOfARunGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.Float64Range(1e-12, 0.3).Draw(t, "q")
		var e run
		last := 1.0
		for range 6 {
			e.add(q)
			p := e.p()
			if e.Windows == 1 && (p > q*1.001 || p < q*0.999) {
				t.Fatalf("one window with %v gives %v", q, p)
			}
			if p >= last {
				t.Fatalf("%v after %v", p, last)
			}
			last = p
		}
	})
}

// Two windows compared with the same third one, none of them different: the p of the run must not be too small. Their
// differences are correlated by one half.
func TestRunsAreSizedForACommonBaseline(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const runs = 200_000
	below := 0
	for range runs {
		a := r.NormFloat64()
		var e run
		for range 2 {
			e.add(upperTail((r.NormFloat64() - a) / 1.4142135623730951))
		}
		if e.p() <= 0.01 {
			below++
		}
	}
	assert.InEpsilon(t, 0.01, float64(below)/runs, 0.1)
}

func upperTail(z float64) float64 {
	return part{variance: 1, df: 1e9}.twoSided(z)/2*sign(z) + (1-sign(z))/2
}

func sign(z float64) float64 {
	if z < 0 {
		return -1
	}
	return 1
}
