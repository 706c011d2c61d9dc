package tailsampling

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A budget of everything keeps everything, for certain: no rounding of the rates may leave a trace to chance.
func TestFullBudgetKeepsEverything(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{6}))
	s := newSelector(Budget{SharePercent, 100}, 0.2, Defaults().Interest)
	now := time.Duration(0)
	for range 2000 {
		now += selectInterval + time.Duration(r.Int64N(int64(time.Second)))
		cs := make([]candidate, r.IntN(5))
		for i := range cs {
			cs[i] = candidate{cost: float64(1 + r.IntN(9)), factor: 1, floor: -1, rank: 1 - r.Float64(), signs: signs{signRarity: r.ExpFloat64()}}
		}
		s.decide(now, cs)
		for _, c := range cs {
			require.True(t, c.admitted)
			require.InDelta(t, 1, c.p, 0)
		}
	}
}

// What a sign cannot use of its share goes to the others in proportion to theirs; all together use the budget above the baseline.
func TestUnusedSharesGoToTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		interest Interest
		failing  float64 // share of the traces
		want     signs   // of what is offered, at 10 % with a baseline of 20 %: 8 % to be split
	}{
		"all of use":         {Interest{Latency: 0.55, Error: 0.35, Rarity: 0.1}, 0.5, signs{0.044, 0.028, 0.008}},
		"nothing fails":      {Interest{Latency: 0.6, Error: 0.2, Rarity: 0.2}, 0, signs{0.06, 0, 0.02}},
		"little fails":       {Interest{Latency: 0.6, Error: 0.2, Rarity: 0.2}, 0.004, signs{0.057, 0.004, 0.019}},
		"errors alone":       {Interest{Error: 1}, 0.5, signs{0, 0.08, 0}},
		"not all given away": {Interest{Latency: 0.2, Rarity: 0.2}, 0.5, signs{0.04, 0, 0.04}},
		"none":               {Interest{}, 0.5, signs{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSelector(Budget{SharePercent, 10}, 0.2, c.interest)
			s.offered = 1000
			const n = 1000
			for i := range n {
				s.bySign[signLatency].add(1, 1)
				s.bySign[signRarity].add(1, 1)
				s.bySign[signError].add(float64(min(1, max(0, int(c.failing*n)-i))), 1)
			}
			got := s.split()
			for k := range got {
				require.InDelta(t, c.want[k], got[k], 1e-6, "%v", sign(k))
			}
		})
	}
}
