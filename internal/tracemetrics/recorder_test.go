package tracemetrics

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
)

func TestCumulative(t *testing.T) {
	w := watch(Defaults())
	begin := w.now
	assert.Empty(t, w.collect(t), "nothing was decided yet")
	w.Decided(decided(1, nil))
	w.Decided(decided(1, func(d *tailsampling.Decision) { d.RootError = true }))
	w.now = w.now.Add(10 * time.Second)
	got := w.collect(t)
	require.Contains(t, got, path(1))
	assert.Equal(t, begin, got[path(1)].start.Local())
	assert.Equal(t, []int64{2, 1}, []int64{got[path(1)].requests, got[path(1)].errors})

	w.Decided(decided(1, nil))
	w.Decided(decided(2, nil))
	w.now = w.now.Add(10 * time.Second)
	got = w.collect(t)
	assert.Equal(t, []int64{3, 1}, []int64{got[path(1)].requests, got[path(1)].errors})
	assert.Equal(t, begin.Add(10*time.Second), got[path(2)].start.Local(), "nothing of it was there before the last collection")
	assert.Equal(t, begin, got[path(1)].start.Local())
}

func TestWhatARuleDropsIsMarked(t *testing.T) {
	w := watch(Defaults())
	w.Decided(decided(1, nil))
	w.Decided(decided(1, func(d *tailsampling.Decision) { d.Rule, d.Reason = "health", "drop:health" }))
	w.Decided(decided(1, func(d *tailsampling.Decision) { d.Rule, d.Reason, d.Kept = "vip", "rule:vip", true }))
	got := w.collect(t)
	require.Len(t, got, 2)
	assert.EqualValues(t, 2, got[path(1)].requests)
	assert.EqualValues(t, 1, got["map[assay.path:0000000000000001 assay.sampling.rule:health service.name:shop span.name:GET /1]"].requests)
}

func TestSeriesAreBounded(t *testing.T) {
	cfg := Defaults()
	cfg.MaxSeries = 3
	w := watch(cfg)
	for n := range uint64(10) {
		w.Decided(decided(n, nil))
	}
	w.Decided(decided(1, nil))
	got := w.collect(t)
	require.Len(t, got, 4)
	assert.EqualValues(t, 2, got[path(1)].requests)
	assert.EqualValues(t, 7, got[overflow].requests, "one has no name, six have no place")
}

// A path that goes away ends, its place is free, and if it comes back it begins anew.
func TestSeriesEnd(t *testing.T) {
	cfg := Defaults()
	cfg.MaxSeries, cfg.Expiration = 2, time.Minute
	w := watch(cfg)
	w.Decided(decided(1, nil))
	w.Decided(decided(2, nil))
	w.Decided(decided(3, nil))
	w.collect(t)
	w.now = w.now.Add(40 * time.Second)
	w.Decided(decided(2, nil))
	w.collect(t)
	w.now = w.now.Add(40 * time.Second)
	got := w.collect(t)
	require.Len(t, got, 3)
	assert.True(t, got[path(1)].ended)
	assert.False(t, got[path(2)].ended)
	assert.False(t, got[overflow].ended)
	w.now = w.now.Add(10 * time.Second)
	got = w.collect(t)
	assert.NotContains(t, got, path(1), "its end is said once")
	back := w.now
	w.Decided(decided(1, nil))
	w.now = w.now.Add(10 * time.Second)
	got = w.collect(t)
	assert.EqualValues(t, 1, got[path(1)].requests)
	assert.Equal(t, back, got[path(1)].start.Local())
}

func TestExemplarsAreKeptTraces(t *testing.T) {
	w := watch(Defaults())
	for n := range 100 {
		w.Decided(decided(1, func(d *tailsampling.Decision) {
			d.Kept, d.Duration, d.TraceID = n%10 == 0, time.Duration(1<<n%40)*time.Millisecond, pcommon.TraceID{15: byte(n)}
		}))
	}
	e := w.collect(t)[path(1)].durations.Exemplars()
	assert.Equal(t, 4, e.Len())
	for _, x := range e.All() {
		id := x.TraceID()
		assert.Zero(t, id[15]%10, "kept")
		assert.True(t, x.SpanID().IsEmpty())
	}
	w.Decided(decided(1, nil))
	assert.Zero(t, w.collect(t)[path(1)].durations.Exemplars().Len(), "each is shown once")
	cfg := Defaults()
	cfg.Exemplars = 0
	w = watch(cfg)
	w.Decided(decided(1, func(d *tailsampling.Decision) { d.Kept = true }))
	assert.Zero(t, w.collect(t)[path(1)].durations.Exemplars().Len())
}

// A quantile that is read off the buckets is within half the width of one.
func TestDurationsAreRight(t *testing.T) {
	w := watch(Defaults())
	for n := range 10_000 {
		w.Decided(decided(1, func(d *tailsampling.Decision) { d.Duration = time.Duration(n+1) * time.Millisecond }))
	}
	d := w.collect(t)[path(1)].durations
	base := math.Exp2(math.Exp2(-float64(d.Scale())))
	assert.LessOrEqual(t, base, 1.1)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99} {
		below, at := uint64(0), 0
		for below+d.Positive().BucketCounts().At(at) < uint64(q*10_000) {
			below += d.Positive().BucketCounts().At(at)
			at++
		}
		middle := math.Pow(base, float64(int(d.Positive().Offset())+at)+0.5)
		assert.InEpsilon(t, q*10, middle, 0.06, q)
	}
}

// Collections and decisions do not get in each other's way.
func TestCollectsWhileDeciding(t *testing.T) {
	cfg := Defaults()
	cfg.Delta = true
	r := New(cfg, named, time.Now)
	const traces = 20_000
	var deciding sync.WaitGroup
	for k := range 2 {
		deciding.Go(func() {
			for n := range traces {
				r.Decided(decided(uint64(1+(n*7+k)%1000), nil))
			}
		})
	}
	counted := int64(0)
	count := func() {
		ms := pmetric.NewMetricSlice()
		r.Collect(ms)
		for _, m := range ms.All() {
			if m.Name() == PathRequests {
				for _, p := range m.Sum().DataPoints().All() {
					counted += p.IntValue()
				}
			}
		}
	}
	for range 50 {
		count()
	}
	deciding.Wait()
	count()
	assert.EqualValues(t, 2*traces, counted)
}

// Spans are counted by operation, beside traces by path.
func TestOperations(t *testing.T) {
	cfg := Defaults()
	cfg.Operations, cfg.MaxSeries = true, 100
	w := watch(cfg)
	w.Decided(decided(1, nil))
	for n := range 300 {
		for range n % 3 {
			w.Count(tracesketch.Operation(n), n%2 == 0, time.Duration(n-10)*time.Millisecond)
		}
	}
	ms := pmetric.NewMetricSlice()
	w.Collect(ms)
	assert.Len(t, readPaths(t, w.now, ms), 1)
	got := read(t, w.now, ms, OperationDuration, OperationRequests, OperationErrors)
	assert.Len(t, got, 101, "one series has all that have no place")
	one := got["map[assay.operation:0000000000000005 service.name:shop span.kind:Server span.name:GET /5]"]
	require.NotNil(t, one)
	assert.Equal(t, []int64{2, 0}, []int64{one.requests, one.errors})
	assert.EqualValues(t, 2, one.durations.ZeroCount(), "a span that ended before it began took no time")
	requests, errors := int64(0), int64(0)
	for _, c := range got {
		requests, errors = requests+c.requests, errors+c.errors
	}
	assert.Equal(t, []int64{300, 150}, []int64{requests, errors})
}
