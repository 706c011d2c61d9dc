package tailsampling

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Over many draws of the ranks, each candidate must be kept as often as its reported probability says: the mean of
// 1[kept]/p is 1. That is the promise that sums over kept traces add up, with the hard cap at work in every way it has.
func TestCapIsUnbiased(t *testing.T) {
	item := func(cost, weight, floor float64) candidate {
		return candidate{cost: cost, weight: weight, floor: floor, factor: 1}
	}
	var mixed, heavy []candidate
	for i := range 12 {
		mixed = append(mixed, item(float64(1+i%5*7), math.Pow(1.7, float64(i)), 0.1))
		heavy = append(heavy, item(float64(10+i), 1, 0.6))
	}
	cases := []struct {
		name   string
		cs     []candidate
		tau    float64
		tokens float64
		capped bool
	}{
		{"all fits", mixed, 50, 1e6, false},
		{"cut among interests", mixed, 5, 40, true},
		{"cut within the floors", heavy, 2, 60, true},
		{"one token", mixed, 5, 1, true},
		{"no cut-off of its own", mixed, 0, 60, true},
		{"only the floor", mixed, math.Inf(1), 10, true},
		{"a rule's probability beside", append([]candidate{item(9, 0, 0.9), item(30, 0, 0.3)}, mixed...), 5, 45, true},
		{"larger than everything", append([]candidate{item(5000, 3, 0.1), item(800, 1e6, 0.1)}, mixed...), 5, 60, true},
		{"in debt", mixed, 5, -20, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			const draws = 40_000
			r := rand.New(rand.NewChaCha8([32]byte{1}))
			sum, square := make([]float64, len(c.cs)), make([]float64, len(c.cs))
			capped := false
			for range draws {
				s := newSelector(Budget{Unit: SpansPerSecond, Value: 40}, 0.2, Defaults().Interest)
				s.allowance.tokens = c.tokens
				cs := append([]candidate(nil), c.cs...)
				for i := range cs {
					cs[i].rank = 1 - r.Float64()
				}
				s.admit(cs, c.tau)
				capped = capped || s.capped
				for i := range cs {
					if cs[i].admitted {
						w := 1 / cs[i].p
						sum[i] += w
						square[i] += w * w
					}
				}
			}
			assert.Equal(t, c.capped, capped)
			for i := range c.cs {
				mean := sum[i] / draws
				se := math.Sqrt((square[i]/draws - mean*mean) / draws)
				assert.InDelta(t, 1, mean, 4.5*se+1e-9, "candidate %d (%s)", i, fmt.Sprintf("%+v", c.cs[i]))
			}
		})
	}
}

// What is taken may overdraw by less than the last trace taken, never by more.
func TestCapOverdrawsByOneTrace(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{2}))
	for range 2000 {
		s := newSelector(Budget{Unit: SpansPerSecond, Value: 1000}, 0.2, Defaults().Interest)
		s.allowance.tokens = r.Float64() * 100
		tokens := s.allowance.available()
		cs := make([]candidate, 30)
		largest := 0.0
		for i := range cs {
			cs[i] = candidate{cost: float64(1 + r.IntN(60)), weight: r.ExpFloat64(), floor: 0.3, rank: 1 - r.Float64(), factor: 1}
			largest = max(largest, cs[i].cost)
		}
		s.admit(cs, 0.1)
		spent := 0.0
		for _, c := range cs {
			if c.admitted {
				spent += c.cost
			}
		}
		assert.Less(t, spent, tokens+largest)
	}
}

func TestSelectorFillsItsBudget(t *testing.T) {
	for _, b := range []Budget{{SharePercent, 1}, {SharePercent, 5}, {SharePercent, 50}, {SpansPerSecond, 500}, {TracesPerSecond, 30}} {
		t.Run(fmt.Sprintf("%v", b), func(t *testing.T) {
			r := rand.New(rand.NewChaCha8([32]byte{3}))
			s := newSelector(b, 0.2, Defaults().Interest)
			now := time.Duration(0)
			var offered, spent float64
			for n := range 3000 { // 5 min, 200 traces/s
				now += selectInterval
				cs := make([]candidate, 20)
				for i := range cs {
					cost := float64(1 + r.IntN(60))
					if b.Unit == TracesPerSecond {
						cost = 1
					}
					cs[i] = candidate{
						cost: cost, factor: 1, floor: -1, rank: 1 - r.Float64(),
						signs: signs{signLatency: math.Exp(3 * r.NormFloat64())},
					}
				}
				s.decide(now, cs)
				if n < 600 {
					continue
				}
				for _, c := range cs {
					offered += c.cost
					if c.admitted {
						spent += c.cost
					}
				}
			}
			want := b.Value * 240
			if b.Unit == SharePercent {
				want = b.Value / 100 * offered
			}
			assert.InEpsilon(t, want, spent, 0.03)
		})
	}
}

// No 10 s see more than their budget, but for the one trace that overdrew.
func TestWindowHoldsInABurst(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{4}))
	const budget, costliest = 1000.0, 60
	s := newSelector(Budget{SpansPerSecond, budget}, 0.2, Defaults().Interest)
	now := time.Duration(0)
	var spent []float64
	var cs []candidate
	for n := range 1200 {
		now += selectInterval
		traces := 40
		if n%300 > 150 {
			traces = 400
		}
		for range traces {
			cs = append(cs, candidate{
				cost: float64(1 + r.IntN(costliest)), factor: 1, floor: -1, rank: 1 - r.Float64(),
				signs: signs{signLatency: math.Exp(4 * r.NormFloat64()), signError: float64(n / 400 * 100)},
			})
		}
		sum := 0.0
		if !s.ready(now, 0) {
			spent = append(spent, 0)
			continue
		}
		s.decide(now, cs)
		for _, c := range cs {
			if c.admitted {
				sum += c.cost
			}
		}
		spent, cs = append(spent, sum), cs[:0]
		window := 0.0
		for _, x := range spent[max(0, len(spent)-100):] {
			window += x
		}
		require.LessOrEqual(t, window, 10*budget*1.01+costliest, "after %v", now)
	}
}
