package tracemetrics

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
)

// named knows every operation but 0, the endpoint of the paths that have no place of their own.
func named(op tracesketch.Operation) (tailsampling.OperationName, bool) {
	return tailsampling.OperationName{Service: "shop", Name: "GET /" + strconv.Itoa(int(op)), Kind: ptrace.SpanKindServer}, op != 0
}

// watched is a recorder with a clock of its own.
type watched struct {
	*Recorder
	now time.Time
}

func watch(cfg Config) *watched {
	w := &watched{now: time.Unix(1_763_726_400, 0)}
	w.Recorder = New(cfg, named, func() time.Time { return w.now })
	return w
}

// decided is a trace of a path whose endpoint has the same number.
func decided(path uint64, change func(*tailsampling.Decision)) *tailsampling.Decision {
	d := &tailsampling.Decision{
		TraceID: pcommon.TraceID{15: byte(path)}, Path: tracesketch.Path(path), Endpoint: tracesketch.Operation(path), Reason: "baseline",
		Duration: 100 * time.Millisecond,
	}
	if change != nil {
		change(d)
	}
	return d
}

// collected is what one series says.
type collected struct {
	requests, errors int64
	durations        pmetric.ExponentialHistogramDataPoint
	start            time.Time
	ended            bool
}

// collect reads all series of paths, by their attributes as text.
func (w *watched) collect(t require.TestingT) map[string]*collected {
	ms := pmetric.NewMetricSlice()
	w.Collect(ms)
	return readPaths(t, w.now, ms)
}

func readPaths(t require.TestingT, now time.Time, ms pmetric.MetricSlice) map[string]*collected {
	return read(t, now, ms, PathDuration, PathRequests, PathErrors)
}

func read(t require.TestingT, now time.Time, ms pmetric.MetricSlice, duration, requests, errors string) map[string]*collected {
	out := map[string]*collected{}
	byName := map[string]pmetric.Metric{}
	for _, m := range ms.All() {
		require.NotContains(t, byName, m.Name())
		byName[m.Name()] = m
	}
	if _, ok := byName[duration]; !ok {
		return out
	}
	for _, p := range byName[duration].ExponentialHistogram().DataPoints().All() {
		k := fmt.Sprint(p.Attributes().AsRaw())
		require.NotContains(t, out, k, "two points of one series")
		out[k] = &collected{durations: p, start: p.StartTimestamp().AsTime(), ended: p.Flags().NoRecordedValue()}
		require.Equal(t, pcommon.NewTimestampFromTime(now), p.Timestamp())
	}
	for name, to := range map[string]func(*collected, int64){
		requests: func(c *collected, v int64) { c.requests = v },
		errors:   func(c *collected, v int64) { c.errors = v },
	} {
		points := byName[name].Sum().DataPoints()
		require.Equal(t, len(out), points.Len(), name)
		for _, p := range points.All() {
			to(out[fmt.Sprint(p.Attributes().AsRaw())], p.IntValue())
		}
	}
	return out
}

func path(n int) string {
	return fmt.Sprintf("map[assay.path:%016x service.name:shop span.name:GET /%d]", n, n)
}

const overflow = "map[otel.metric.overflow:true]"

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

func BenchmarkDecided(b *testing.B) {
	w := watch(Defaults())
	d := decided(1, func(d *tailsampling.Decision) { d.Kept = true })
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		d.Path, d.Duration = tracesketch.Path(n%1000), time.Duration(n%10_000)*time.Microsecond
		w.Decided(d)
	}
}

func BenchmarkCount(b *testing.B) {
	cfg := Defaults()
	cfg.Operations = true
	r := New(cfg, named, time.Now)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for n := 0; pb.Next(); n++ {
			r.Count(tracesketch.Operation(n%1000), false, time.Duration(n%10_000)*time.Microsecond)
		}
	})
}

func BenchmarkCollect10000Paths(b *testing.B) {
	w := watch(Defaults())
	for n := range uint64(10_000) {
		for k := range 40 {
			w.Decided(decided(n, func(d *tailsampling.Decision) { d.Duration = time.Duration(1+k) * 7 * time.Millisecond }))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		w.Collect(pmetric.NewMetricSlice())
	}
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
