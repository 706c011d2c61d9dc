//go:build unix

package generator

import (
	"context"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// cpu is the processor time that the process has taken.
func cpu(t testing.TB) time.Duration {
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkGenerator asks a stream of the shop for more than any machine makes, and counts what comes out of it, garbage collection
// included: a core makes spans/cpu-s of them. What it does not make is skipped, and accounted for.
func BenchmarkGenerator(b *testing.B) {
	var delivered atomic.Int64
	stream := newStream(b, func(c *traffic.Config) { c.Rate = traffic.MaxRate })
	g := New(Config{Streams: []*traffic.Stream{stream}, Retry: DefaultRetry(), Send: func(_ context.Context, td ptrace.Traces) error {
		if first := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0); first.Name() != traffic.ManifestName {
			delivered.Add(int64(td.SpanCount()))
		}
		return nil
	}})
	begin, before := time.Now(), cpu(b)
	g.Start()
	for b.Loop() {
		<-time.After(time.Second)
	}
	require.NoError(b, g.Shutdown(context.Background()))
	took, wall := cpu(b)-before, time.Since(begin)
	c := g.Counts(0)
	assert.Equal(b, c.Attempted, c.Accepted)
	b.ReportMetric(float64(c.SpansAccepted)/took.Seconds(), "spans/cpu-s")
	b.ReportMetric(float64(c.SpansAccepted)/wall.Seconds(), "spans/s")
	b.ReportMetric(float64(c.SpansAccepted)-float64(delivered.Load()), "unaccounted")
	b.ReportMetric(float64(c.Skipped)/wall.Seconds(), "skipped/s")
}

// BenchmarkAmbient is what the default stream costs in a process: share of a core, and memory.
func BenchmarkAmbient(b *testing.B) {
	stream := newStream(b, nil)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g := New(Config{Streams: []*traffic.Stream{stream}, Retry: DefaultRetry(), Send: func(context.Context, ptrace.Traces) error { return nil }})
	begin, used := time.Now(), cpu(b)
	g.Start()
	for b.Loop() {
		<-time.After(time.Second)
	}
	took, wall := cpu(b)-used, time.Since(begin)
	runtime.ReadMemStats(&after)
	require.NoError(b, g.Shutdown(context.Background()))
	b.ReportMetric(100*took.Seconds()/wall.Seconds(), "%core")
	b.ReportMetric((float64(after.HeapSys)-float64(before.HeapSys))/(1<<20), "MiB-more")
	b.ReportMetric(float64(g.Counts(0).Attempted)/wall.Seconds(), "traces/s")
}
