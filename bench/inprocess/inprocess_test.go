package inprocess

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"

	"github.com/assayhq/assay/bench/workload"
	"github.com/assayhq/assay/internal/otlpfile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func consume(t *testing.T, f func(ptrace.Traces) error) consumer.Traces {
	c, err := consumer.NewTraces(func(_ context.Context, td ptrace.Traces) error { return f(td) })
	require.NoError(t, err)
	return c
}

func TestFeedSendsUpToItsBound(t *testing.T) {
	var came atomic.Int64
	to := consume(t, func(td ptrace.Traces) error {
		came.Add(int64(td.SpanCount()))
		return nil
	})
	f, err := startFeed(context.Background(), to, 0, 9*workload.SpansPerRequest+5)
	require.NoError(t, err)
	require.NoError(t, f.wait())
	require.EqualValues(t, 9*workload.SpansPerRequest, came.Load())
	require.Equal(t, came.Load(), f.spans.Load())
}

// Refused spans would make a processor look fast.
func TestFeedReportsARefusal(t *testing.T) {
	full := errors.New("no room")
	f, err := startFeed(context.Background(), consume(t, func(ptrace.Traces) error { return full }), 0, 0)
	require.NoError(t, err)
	require.ErrorIs(t, f.wait(), full)
}

// What is read back from a converted file is what the recording holds.
func TestConvertedRecordingIsWhole(t *testing.T) {
	const recording = "../../testdata/traces/mixed.jsonl.zst"
	to := filepath.Join(t.TempDir(), "converted")
	require.NoError(t, convert(recording, to))

	recorded, err := otlpfile.Open(recording)
	require.NoError(t, err)
	c, err := openConverted(to)
	require.NoError(t, err)
	defer c.close()
	for n := 0; ; n++ {
		want, errWant := recorded.Next()
		body, errGot := c.next()
		if errors.Is(errWant, io.EOF) {
			require.ErrorIs(t, errGot, io.EOF)
			require.Positive(t, n)
			require.NoError(t, recorded.Close())
			return
		}
		require.NoError(t, errWant)
		require.NoError(t, errGot)
		got, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
		require.NoError(t, err)
		require.Equal(t, want.SpanCount(), got.SpanCount())
	}
}

// out makes a batch of n spans of a trace.
func out(id pcommon.TraceID, n int) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for range n {
		spans.AppendEmpty().SetTraceID(id)
	}
	return td
}

// Latency is that of whole traces in the window; what comes behind counts as late.
func TestLatencyCountsWholeTracesOfTheWindow(t *testing.T) {
	ctx := context.Background()
	before, whole, split, lagged := pcommon.TraceID{1}, pcommon.TraceID{2}, pcommon.TraceID{3}, pcommon.TraceID{4}
	s := &watchedSink{open: map[pcommon.TraceID]*progress{}}
	for _, id := range []pcommon.TraceID{before, whole, split} {
		s.sent(id, spansPerTrace, 0)
	}
	s.sent(lagged, spansPerTrace, 2*longestLag)
	require.NoError(t, s.ConsumeTraces(ctx, out(before, spansPerTrace)))
	s.measuring = true
	s.open[whole].lastSent = time.Now().Add(-time.Second)
	require.NoError(t, s.ConsumeTraces(ctx, out(whole, spansPerTrace)))
	require.NoError(t, s.ConsumeTraces(ctx, out(lagged, spansPerTrace)))
	require.NoError(t, s.ConsumeTraces(ctx, out(split, 12)))
	require.NoError(t, s.ConsumeTraces(ctx, out(split, 4)))

	f, err := s.figures()
	require.NoError(t, err)
	require.InDelta(t, 1, f[TracesOut], 0)
	require.InDelta(t, 1000, f[LatencyP50], 100)
	require.InDelta(t, 100*4.0/32, f[LatePercent], 1e-9)
}
