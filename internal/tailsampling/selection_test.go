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
