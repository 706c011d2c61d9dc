package tailsampling

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Every kind of bad input by name: nothing breaks, what is kept is what came, and what is wrong is counted.
func TestBadInput(t *testing.T) {
	id := traceID(1, 0.5)
	of := func(spans ...spec) func() ptrace.Traces {
		return func() ptrace.Traces { return makeBatch(id, spans...) }
	}
	span := func(set func(ptrace.Span)) func() ptrace.Traces {
		return func() ptrace.Traces {
			td := makeBatch(id, spec{id: 1, service: "shop", name: "GET /", end: time.Second})
			set(td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0))
			return td
		}
	}
	cases := []struct {
		name     string
		batch    func() ptrace.Traces
		traces   int // decided
		spans    int // kept
		lost     map[LossReason]int
		unmarked bool
	}{
		{name: "nothing", batch: ptrace.NewTraces},
		{name: "a resource without scopes", batch: func() ptrace.Traces {
			td := ptrace.NewTraces()
			td.ResourceSpans().AppendEmpty().Resource().Attributes().PutStr("service.name", "shop")
			return td
		}},
		{name: "a scope without spans", batch: func() ptrace.Traces {
			td := ptrace.NewTraces()
			td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
			return td
		}},
		{
			name: "no trace id", batch: span(func(s ptrace.Span) { s.SetTraceID(pcommon.TraceID{}) }),
			lost: map[LossReason]int{LostInvalidTraceID: 1},
		},
		{name: "no span id", batch: span(func(s ptrace.Span) { s.SetSpanID(pcommon.SpanID{}) }), traces: 1, spans: 1},
		{name: "no resource attributes", batch: of(spec{id: 1, name: "GET /"}), traces: 1, spans: 1},
		{name: "nothing but a trace id", batch: func() ptrace.Traces {
			td := ptrace.NewTraces()
			td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetTraceID(id)
			return td
		}, traces: 1, spans: 1},
		{name: "no root", batch: of(spec{id: 2, parent: 1, name: "get"}, spec{id: 3, parent: 2, name: "read"}), traces: 1, spans: 2},
		{name: "its own parent", batch: of(spec{id: 2, parent: 2, name: "get"}), traces: 1, spans: 1},
		{name: "a cycle", batch: of(spec{id: 2, parent: 3, name: "a"}, spec{id: 3, parent: 4, name: "b"}, spec{id: 4, parent: 2, name: "c"}), traces: 1, spans: 3},
		{name: "two roots", batch: of(spec{id: 1, name: "a"}, spec{id: 2, name: "b"}), traces: 1, spans: 2},
		{name: "all ids equal", batch: of(spec{id: 1, parent: 1, name: "a"}, spec{id: 1, parent: 1, name: "b"}, spec{id: 1, parent: 1, name: "a"}), traces: 1, spans: 3},
		{name: "sent twice", batch: of(spec{id: 1, name: "a"}, spec{id: 1, name: "a"}), traces: 1, spans: 2},
		{name: "end before start", batch: of(spec{id: 1, name: "a", start: time.Hour}), traces: 1, spans: 1},
		{name: "hours off", batch: of(spec{id: 1, name: "a", end: time.Second}, spec{id: 2, parent: 1, name: "b", start: -5 * time.Hour, end: -4 * time.Hour}), traces: 1, spans: 2},
		{name: "no times", batch: span(func(s ptrace.Span) { s.SetStartTimestamp(0); s.SetEndTimestamp(0) }), traces: 1, spans: 1},
		{name: "all of time", batch: span(func(s ptrace.Span) { s.SetStartTimestamp(0); s.SetEndTimestamp(math.MaxUint64) }), traces: 1, spans: 1},
		{name: "the end of time", batch: span(func(s ptrace.Span) { s.SetStartTimestamp(math.MaxUint64); s.SetEndTimestamp(1) }), traces: 1, spans: 1},
		{name: "unknown kind and status", batch: span(func(s ptrace.Span) { s.SetKind(99); s.Status().SetCode(-7) }), traces: 1, spans: 1},
		{name: "invalid UTF-8", batch: span(func(s ptrace.Span) {
			s.SetName("\xff\xc0")
			s.Attributes().PutStr("\xfe", "\x80")
			s.Status().SetMessage("\xf5")
			s.Events().AppendEmpty().SetName("\xed\xa0\x80")
		}), traces: 1, spans: 1},
		{name: "an attribute of 1 MiB", batch: span(func(s ptrace.Span) { s.Attributes().PutStr("k", strings.Repeat("v", 1<<20)) }), traces: 1, spans: 1},
		{name: "a name of 1 MiB", batch: span(func(s ptrace.Span) { s.SetName(strings.Repeat("n1", 1<<19)) }), traces: 1, spans: 1},
		{name: "not a tracestate", batch: span(func(s ptrace.Span) { s.TraceState().FromRaw("\xff=") }), traces: 1, spans: 1, unmarked: true},
		{name: "a tracestate of 1 MiB", batch: span(func(s ptrace.Span) { s.TraceState().FromRaw(strings.Repeat("a=b,", 1<<18)) }), traces: 1, spans: 1, unmarked: true},
		{name: "not a threshold", batch: of(spec{id: 1, state: "ot=th:xyz"}), traces: 1, spans: 1, unmarked: true},
		{name: "sampled before", batch: of(spec{id: 1, state: "ot=th:4"}, spec{id: 2, parent: 1, state: "ot=th:4"}), traces: 1, spans: 2},
		{name: "thresholds differ", batch: of(spec{id: 1, state: "ot=th:4"}, spec{id: 2, parent: 1, state: "ot=th:7"}), traces: 1, spans: 2, unmarked: true},
		{name: "a threshold is missing", batch: of(spec{id: 1, state: "ot=th:4"}, spec{id: 2, parent: 1}), traces: 1, spans: 2, unmarked: true},
		{name: "the threshold contradicts the id", batch: of(spec{id: 1, state: "ot=th:c"}), traces: 1, spans: 1, unmarked: true},
		{name: "the threshold contradicts rv", batch: of(spec{id: 1, state: "ot=th:4;rv:20000000000000"}), traces: 1, spans: 1, unmarked: true},
		{name: "rv agrees where the id would not", batch: of(spec{id: 1, state: "ot=th:c;rv:d0000000000000"}), traces: 1, spans: 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t, all)
			for range 2 { // what is learned from the first must not break the second
				h.send(c.batch())
				h.pass(time.Millisecond)
			}
			h.pass(11 * time.Second)
			require.Len(t, h.order, c.traces)
			for _, d := range h.order {
				assert.True(t, d.Kept)
				assert.Equal(t, !c.unmarked, d.Marked)
			}
			h.finish()
			assert.Equal(t, 2*c.spans, h.sent)
			for reason, n := range c.lost {
				assert.Equal(t, 2*n, h.lost[reason])
			}
			in := []ptrace.Traces{c.batch(), c.batch()}
			assert.Equal(t, canonical(t, in, false), canonical(t, h.received, true))
			if !c.unmarked {
				h.requireThresholds(nil)
			}
		})
	}
}

// An incoming threshold that cannot be true goes: leaving it would count the trace for more than it stands for.
func TestContradictoryThresholdIsTakenAway(t *testing.T) {
	h := newHarness(t, all)
	id := traceID(1, 0.25)
	h.send(makeBatch(id, spec{id: 1, state: "ot=th:8;x:y,vendor=1"}))
	h.pass(11 * time.Second)
	require.Len(t, h.out[id], 1)
	assert.Equal(t, "ot=x:y,vendor=1", h.out[id][0].TraceState().AsRaw())
	assert.False(t, h.decisions[id].Marked)
}

// Sampling again composes: what came in with probability 1/2 and is kept with 1/4 stands for eight.
func TestThresholdsCompose(t *testing.T) {
	h := newHarness(t, func(c *Config) {
		c.Matcher, c.Rules = always{}, []Rule{{Name: "quarter", Action: Probability, Value: 0.25}}
	})
	kept, dropped := traceID(1, 0.9), traceID(2, 0.8)
	h.send(makeBatch(kept, spec{id: 1, state: "ot=th:8"}))
	h.send(makeBatch(dropped, spec{id: 1, state: "ot=th:8"}))
	h.pass(11 * time.Second)
	require.Len(t, h.out[kept], 1)
	assert.Equal(t, "ot=th:e", h.out[kept][0].TraceState().AsRaw())
	assert.Empty(t, h.out[dropped])
	assert.InDelta(t, 0.25, h.decisions[kept].Probability, 1e-12)
}

// Ids that are not random get randomness from a hash, written down; where something was said before, that counts.
func TestLegacyIDsGetRandomness(t *testing.T) {
	h := newHarness(t, func(c *Config) { all(c); c.HashRandomness = true })
	plain, rv, th := traceID(1, 0), traceID(2, 0), traceID(3, 0.5)
	h.send(makeBatch(plain, spec{id: 1}))
	h.send(makeBatch(rv, spec{id: 1, state: "ot=rv:12345678901234"}))
	h.send(makeBatch(th, spec{id: 1, state: "ot=th:1"}))
	h.pass(11 * time.Second)
	got := readTraceState(h.out[plain][0].TraceState().AsRaw())
	assert.True(t, got.HasRandomness && got.HasThreshold)
	assert.Equal(t, hashedRandomness(plain), got.Randomness)
	assert.Equal(t, "ot=rv:12345678901234;th:0", h.out[rv][0].TraceState().AsRaw())
	assert.Equal(t, "ot=th:1", h.out[th][0].TraceState().AsRaw(), "replacing randomness under a threshold would be wrong")
}
