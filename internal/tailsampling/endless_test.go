package tailsampling

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// piece is n spans of a trace that never gets its root.
func piece(id pcommon.TraceID, n int) ptrace.Traces {
	td := makeBatch(id, spec{id: 2, parent: 1, service: "batch", name: "step", end: time.Millisecond})
	spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	for range n - 1 {
		spans.At(0).CopyTo(spans.AppendEmpty())
	}
	return td
}

// beside runs three minutes of 100 ordinary traces a second, with or without a trace of 50,000 spans a minute that has no end.
func beside(t *testing.T, endless bool) (h *harness, latencies []time.Duration, keptSpans int) {
	t.Helper()
	h = newHarness(t, func(c *Config) {
		c.Budget = Budget{Unit: SpansPerSecond, Value: 50}
		c.MemoryLimit = 64 << 20
	})
	giant := traceID(1_000_000, 0.3)
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 18_000 {
		h.send(simple(traceID(n, r.Float64()), time.Duration(9+r.IntN(3))*time.Millisecond))
		if endless && n > 3000 {
			h.send(piece(giant, 8))
		}
		h.pass(10 * time.Millisecond)
		require.Less(t, h.engine.Stats().Bytes, h.engine.Stats().Limit)
	}
	h.pass(2 * time.Minute)
	for _, d := range h.order {
		if d.TraceID == giant {
			continue
		}
		if len(latencies) < 15_000 {
			latencies = append(latencies, d.Latency)
		}
		if d.Kept {
			keptSpans += d.Spans
		}
	}
	slices.Sort(latencies)
	return h, latencies, keptSpans
}

// A trace without an end is decided at its greatest age, as large, and what else comes is sampled as if it were not there.
func TestEndlessTrace(t *testing.T) {
	_, alone, keptAlone := beside(t, false)
	h, latencies, kept := beside(t, true)
	require.Len(t, h.order, 18_001)
	giant := h.decisions[traceID(1_000_000, 0.3)]
	assert.Equal(t, reasonLarge, giant.Reason)
	assert.Greater(t, giant.Spans, 45_000)
	assert.Less(t, giant.Spans, 50_000, "what came in max_wait")
	assert.Less(t, giant.Probability, 0.01, "it costs a thousand times what the budget has for a second")
	assert.Equal(t, 15_000*8-8-giant.Spans, h.late[giant.Kept], "what comes after the decision follows it, and is counted")
	assert.InDelta(t, float64(keptAlone), float64(kept), 0.1*float64(keptAlone))
	assert.LessOrEqual(t, latencies[len(latencies)*99/100], alone[len(alone)*99/100]+200*time.Millisecond)
	h.requireAccounted()
}
