package tailsampling

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Keep rules may take more than the budget. Other traces share the baseline all the same, and their adjusted counts add up to them.
func TestOtherTracesKeepTheBaseline(t *testing.T) {
	for _, share := range []float64{0.08, 0.3, 0.9} {
		r := rand.New(rand.NewPCG(3, uint64(share*100)))
		s := newSelector(Budget{SharePercent, 10}, 0.2, Defaults().Interest)
		const traces, cost = 40_000, 2
		var others, kept, recovered, variance float64
		now := time.Duration(0)
		for range traces / 20 {
			now += selectInterval
			cs := make([]candidate, 20)
			for i := range cs {
				cs[i] = candidate{cost: cost, factor: 1, floor: -1, rank: 1 - r.Float64(), sure: r.Float64() < share, signs: signs{signLatency: r.ExpFloat64()}}
			}
			s.decide(now, cs)
			for i := range cs {
				if c := &cs[i]; !c.sure {
					others++
					if c.admitted && c.rank <= c.p {
						kept++
						recovered += 1 / c.p
						variance += (1 - c.p) / (c.p * c.p)
					}
				}
			}
		}
		want := max(0.1-share, 0.2*0.1) * traces
		assert.InEpsilon(t, want, kept, 0.15, "share %v", share)
		assert.InDelta(t, others, recovered, 4*math.Sqrt(variance), "share %v", share)
		assert.Equal(t, share > 0.08, s.rulesExceed(), "share %v", share)
		if share > 0.08 {
			assert.InEpsilon(t, (share-0.08)*traces*cost, s.overrun, 0.1)
		} else {
			assert.Zero(t, s.overrun)
		}
	}
}

// What was not spent on a giant is there for others.
func TestGiantThatIsDroppedCostsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	s := newSelector(Budget{SpansPerSecond, 100}, 0.2, Defaults().Interest)
	now := time.Duration(0)
	var window, least float64
	least = math.Inf(1)
	for n := range 2400 { // 400 spans a second, a giant every 20 s
		now += selectInterval
		cs := make([]candidate, 20)
		for i := range cs {
			cs[i] = candidate{cost: 2, factor: 1, floor: -1, rank: 1 - r.Float64(), signs: (&evidence{strength: [signCount]float32{signLatency: float32(r.ExpFloat64())}}).weights()}
		}
		if n%200 == 100 {
			cs = append(cs, candidate{cost: 1500, factor: 1, floor: -1, rank: 1, signs: signs{signLatency: 1e6}}) // the last of all ranks: dropped
		}
		s.decide(now, cs)
		for i := range cs {
			if cs[i].admitted {
				window += cs[i].cost
			}
		}
		if n%50 == 49 {
			if n > 200 {
				least = min(least, window/5)
			}
			window = 0
		}
	}
	assert.Greater(t, least, 85.0, "spans a second kept in the worst five seconds, of 100")
	assert.Equal(t, uint64(12), s.large)
}
