package tracemetrics

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tailsampling"
)

// Whatever comes, in whatever order, and however seldom it is collected: all traces are there, once.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{
			Delta: rapid.Bool().Draw(t, "delta"), MaxSeries: rapid.IntRange(1, 5).Draw(t, "max"), MaxBuckets: rapid.IntRange(2, 160).Draw(t, "buckets"),
			Expiration: time.Duration(rapid.IntRange(1, 100).Draw(t, "expiration")) * time.Second, Exemplars: rapid.IntRange(0, 3).Draw(t, "exemplars"),
		}
		w := watch(cfg)
		requests, errors, seconds := int64(0), int64(0), 0.0
		var seen, seenErrors int64
		var total, over float64
		last := map[string]*collected{}
		look := func() {
			now := w.collect(t)
			for k, c := range now {
				d := c.durations
				switch {
				case c.ended:
					require.False(t, cfg.Delta)
					require.NotContains(t, k, "overflow")
					continue
				case cfg.Delta:
					seen, seenErrors, total = seen+c.requests, seenErrors+c.errors, total+d.Sum()
					require.Positive(t, c.requests)
				}
				require.False(t, c.start.After(w.now))
				require.EqualValues(t, c.requests, d.Count())
				sum := d.ZeroCount()
				for _, n := range d.Positive().BucketCounts().All() {
					sum += n
				}
				require.Equal(t, d.Count(), sum)
				require.LessOrEqual(t, d.Positive().BucketCounts().Len(), cfg.MaxBuckets)
			}
			for k, c := range last { // what a series that went away had counted
				if n := now[k]; n == nil || n.ended {
					seen, seenErrors, total = seen+c.requests, seenErrors+c.errors, total+c.durations.Sum()
				}
			}
			clear(last)
			over = 0
			live := 0
			for k, c := range now {
				if !c.ended && !cfg.Delta {
					last[k] = c
				}
				if k != overflow && !c.ended {
					live++
				}
			}
			require.LessOrEqual(t, live, cfg.MaxSeries)
		}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "wait")) * time.Second)
			case 1:
				look()
			default:
				d := decided(uint64(rapid.IntRange(0, 7).Draw(t, "path")), func(d *tailsampling.Decision) {
					d.RootError, d.Kept = rapid.Bool().Draw(t, "failed"), rapid.Bool().Draw(t, "kept")
					d.Duration = time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "duration"))
				})
				w.Decided(d)
				requests, seconds = requests+1, seconds+d.Duration.Seconds()
				if d.RootError {
					errors++
				}
			}
		}
		look()
		for _, c := range last {
			seen, seenErrors, total = seen+c.requests, seenErrors+c.errors, total+c.durations.Sum()
		}
		require.Equal(t, requests, seen)
		require.Equal(t, errors, seenErrors)
		require.InEpsilon(t, 1+seconds, 1+total+over, 1e-9)
	})
}
