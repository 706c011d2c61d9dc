package window

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// The histogram that is filled fast is the one of the model, also where a bucket is larger than a float32 can count to.
func TestHistogramIsThatOfTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fast histogram
		slow, bytes := map[int16]float64{}, 0
		for range rapid.IntRange(0, 50).Draw(t, "durations") {
			ns := rapid.OneOf(rapid.Float64Range(0, 100), rapid.Float64Range(0, 1e18)).Draw(t, "ns")
			weight := rapid.SampledFrom([]float64{1, 4, 1e6, 1e7}).Draw(t, "weight")
			bucket := bucketOf(logOf(ns))
			require.Equal(t, snapshot.BucketOf(ns), bucket)
			bytes += fast.add(bucket, weight)
			slow[bucket] += weight
		}
		var want snapshot.Histogram
		for bucket, weight := range slow {
			one := snapshot.Histogram{Buckets: []snapshot.Bucket{{Index: bucket, Weight: float32(weight)}}}
			want.Merge(&one)
		}
		require.Equal(t, want.Buckets, fast.buckets(nil))
		if fast.wide != nil {
			require.Equal(t, 8*cap(*fast.wide), bytes)
		} else {
			require.Equal(t, 4*cap(fast.counts), bytes)
		}
	})
}

// A bucket goes on counting where a float32 would stand still.
func TestHistogramCountsOn(t *testing.T) {
	var h histogram
	for range widest {
		h.add(80, 1)
	}
	h.add(3, 1)
	for range 2 * widest {
		h.add(80, 1)
	}
	got := h.buckets(nil)
	require.Equal(t, []snapshot.Bucket{{Index: 3, Weight: 1}, {Index: 80, Weight: 3 * widest}}, got)
}
