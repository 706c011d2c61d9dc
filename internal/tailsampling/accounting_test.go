package tailsampling

import (
	"context"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracestate"
)

// finish stops the engine and checks the books: every span that was offered went exactly one way.
//
//	offered = refused + lost as invalid + in a decision (kept, dropped) + late (kept, dropped)
//	kept + late kept = sent + rejected by the next consumer + not sent by the end of the shutdown
//
// A dry run forwards what it drops, too.
func (h *harness) finish() {
	h.t.Helper()
	require.NoError(h.t, h.engine.Shutdown(context.Background()))
	h.requireAccounted()
}

// tally is the books of a harness, in spans.
type tally struct {
	offered, refused, invalid, kept, dropped, lateKept, lateDropped, sent, rejected, unsent int
}

func (h *harness) tally() tally {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := tally{
		offered: h.offered, refused: h.refused, invalid: h.lost[LostInvalidTraceID],
		lateKept: h.late[true], lateDropped: h.late[false],
		sent: h.sent, rejected: h.lost[LostRejected], unsent: h.lost[LostShutdown],
	}
	for _, d := range h.order {
		if d.Kept {
			b.kept += d.Spans
		} else {
			b.dropped += d.Spans
		}
	}
	return b
}

func (h *harness) requireAccounted() {
	h.t.Helper()
	b := h.tally()
	require.Equal(h.t, b.offered, b.refused+b.invalid+b.kept+b.dropped+b.lateKept+b.lateDropped, "what came in: %+v", b)
	forwarded := b.kept + b.lateKept
	if h.engine.assembly.cfg.DryRun {
		forwarded += b.dropped + b.lateDropped
	}
	require.Equal(h.t, forwarded, b.sent+b.rejected+b.unsent, "what was kept: %+v", b)
	h.mu.Lock()
	defer h.mu.Unlock()
	require.Equal(h.t, h.turned, h.refused, "an error is counted as refused, and nothing else is")
	arrived := 0
	for _, spans := range h.out {
		arrived += len(spans)
	}
	require.Equal(h.t, b.sent, arrived, "what is counted as sent has arrived")
	require.Zero(h.t, h.engine.Open(), "traces left")
	require.Zero(h.t, h.engine.Stats().Spans, "spans left")
	h.requireMemoryCounted()
	for _, d := range h.order {
		if d.Reason == "" || d.Threshold >= tracestate.RandomnessEnd || d.Duration < 0 || !(d.Probability >= 0 && d.Probability <= 1) {
			require.Fail(h.t, "not a decision", "%+v", d)
		}
	}
}

// requireMemoryCounted wants the count of memory to be the sum of its parts: what is counted in is counted out again.
func (h *harness) requireMemoryCounted() {
	h.t.Helper()
	e := h.engine
	parts := e.decider.counted.Bytes() + e.assembly.cfg.MemoryLimit/reportShare - e.intake.operations.room
	for _, s := range e.assembly.shards {
		parts += s.Accounted()
	}
	require.Equal(h.t, parts, e.assembly.memory.Used())
}

// requireThresholds checks the marks of what came out: spans of a trace agree, and none is below its own threshold. Of the
// traces for which unmarked is true, the engine must have said that they cannot carry their threshold.
func (h *harness) requireThresholds(unmarked func(pcommon.TraceID) bool) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, spans := range h.out {
		d := h.decisions[id]
		if unmarked != nil && unmarked(id) {
			require.False(h.t, d.Marked, "trace %s cannot carry its threshold", id)
			continue
		}
		require.True(h.t, d.Marked, "trace %s can carry its threshold", id)
		for _, s := range spans {
			requireConsistent(h.t, &d, s)
		}
	}
}

func requireConsistent(t require.TestingT, d *Decision, s ptrace.Span) {
	st := readTraceState(s.TraceState().AsRaw())
	require.False(t, st.broken)
	require.True(t, st.HasThreshold, "a kept span carries its threshold")
	require.Equal(t, d.Threshold, st.Threshold, "spans of a trace agree on their threshold")
	r := tracestate.IDRandomness(s.TraceID())
	if st.HasRandomness {
		r = st.Randomness
	}
	require.GreaterOrEqual(t, r, st.Threshold, "span %s below its own threshold: %q", s.SpanID(), s.TraceState().AsRaw())
}
