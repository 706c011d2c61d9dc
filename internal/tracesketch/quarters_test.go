package tracesketch

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Quarters hold every observation once, in the interval that it lies in, in order.
func TestQuarters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDecay(time.Minute, time.Unix(0, 0))
		values := rapid.SliceOf(rapid.Uint64Range(0, math.MaxInt64)).Draw(t, "values")
		var s Sketch
		for _, v := range values {
			s.Add(v, d)
		}
		var total float64
		var end uint64
		for q := range s.Quarters(d) {
			require.Less(t, q.Low, q.High)
			require.GreaterOrEqual(t, q.Low, end)
			end = q.High
			within := 0.0
			for _, v := range values {
				if v >= q.Low && v < q.High {
					within++
				}
			}
			require.InDelta(t, within, q.Count, 0)
			total += q.Count
		}
		require.InDelta(t, float64(len(values)), total, 0)
	})
}
