package snapshot

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A quantile is within a bucket, a factor of 2^(1/8), of the value that a sorted list would give.
func TestQuantilesAreCloseToThoseOfTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(1, 1e12), 1, 200).Draw(t, "values")
		var h Histogram
		for _, v := range values {
			h.Add(v, 2)
		}
		slices.Sort(values)
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		want := values[min(len(values)-1, int(math.Ceil(q*float64(len(values))))-min(1, int(math.Ceil(q*float64(len(values))))))]
		require.InDelta(t, 0, math.Log2(h.Quantile(q)/want), 1.01/bucketsPerOctave)
		require.InDelta(t, 2*float64(len(values)), h.Weight(), 1e-6)
	})
	require.Zero(t, (&Histogram{}).Quantile(0.5))
}

// Durations lie in the bucket whose bounds hold them.
func TestBuckets(t *testing.T) {
	for ns, want := range map[float64]int16{-5: -1, 0: -1, 1: -1, 1.001: 0, 2: 7, 2.001: 8, 1024: 79, 1025: 80} {
		require.Equal(t, want, BucketOf(ns), ns)
	}
}
