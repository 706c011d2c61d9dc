package window

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// How long a trace takes is decided by all of its spans, whichever comes when: also by work that goes on after its root has ended.
func TestQueriesForTheDurationOfTraces(t *testing.T) {
	inSpans := every(t, "spans", `trace.duration > 1s AND operation = "consume"`)
	inSpans.Scope = Span
	h := newHarness(t, DefaultLimits(), every(t, "slow", `trace.duration > 1s`), every(t, "fast", `trace.duration <= 1s`),
		every(t, "failed", `trace.duration > 1s AND error = true`), every(t, "either", `trace.duration > 1s OR error = true`), inSpans)
	for n, end := range []time.Duration{200 * time.Millisecond, 3 * time.Second, 900 * time.Millisecond, 5 * time.Second} {
		at := time.Duration(n) * time.Second
		h.send(spec{trace: n + 1, id: 1, service: "shop", name: "POST /order", kind: ptrace.SpanKindServer, start: at, end: at + 50*time.Millisecond})
		h.send(spec{
			trace: n + 1, id: 2, parent: 1, service: "mail", name: "consume", kind: ptrace.SpanKindConsumer,
			start: at + end - 10*time.Millisecond, end: at + end, failed: n >= 2,
		})
	}
	h.pass(2 * time.Minute)
	traces, spans := map[string]uint64{}, map[string]uint64{}
	for _, s := range h.closed {
		traces[s.QueryID] += s.Coverage.Traces
		spans[s.QueryID] += s.Coverage.Spans
	}
	assert.Equal(t, map[string]uint64{"slow": 2, "fast": 2, "failed": 1, "either": 3, "spans": 2}, traces)
	assert.Equal(t, map[string]uint64{"slow": 4, "fast": 4, "failed": 2, "either": 6, "spans": 2}, spans)
}

// A query that tells ranges of durations apart takes the place of as many.
func TestRangesTakePlaces(t *testing.T) {
	h := newHarness(t, DefaultLimits())
	list := make([]Query, 0, maxQueries)
	for n := range maxQueries/2 - 1 {
		list = append(list, every(t, fmt.Sprint("q", n), `trace.duration > 1s`))
	}
	for _, q := range list {
		require.NoError(t, h.engine.AddQuery(q))
	}
	require.NoError(t, h.engine.AddQuery(every(t, "last but one", `*`)))
	require.ErrorContains(t, h.engine.AddQuery(every(t, "slow", `trace.duration > 1s`)), `query "slow": at most 256 queries`)
	require.NoError(t, h.engine.AddQuery(every(t, "last", `*`)))
}
