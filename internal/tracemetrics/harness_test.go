package tracemetrics

import (
	"fmt"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

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
