package tailsampling

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// What enters and is kept leaves equal, span for span, but for ot= and the documented attributes.
func TestKeptSpansLeaveAsTheyCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHarness(t, all)
		var in []ptrace.Traces
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			td := hostileBatches(hostileStates).Draw(t, "batch")
			in = append(in, copyOf(td))
			h.send(td)
			require.Equal(t, rows(t, in[len(in)-1]), rows(t, td), "the batch was changed")
			h.pass(rapid.SampledFrom([]time.Duration{0, 120 * time.Millisecond, 11 * time.Second}).Draw(t, "pause"))
		}
		h.finish()
		h.requireAllKept()
		require.Equal(t, canonical(t, in, false), canonical(t, h.received, true))
	})
}

// requireAllKept wants every trace kept for certain, as a budget of 100 % promises.
func (h *harness) requireAllKept() {
	h.t.Helper()
	for _, d := range h.order {
		require.True(h.t, d.Kept, "%+v", d)
		require.InDelta(h.t, 1, d.Probability, 0, "%+v", d)
	}
	require.Zero(h.t, h.late[false])
}

// In a dry run nothing is changed at all, and nothing is dropped.
func TestDryRunLeavesEverythingAsItCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		budget := rapid.Float64Range(0.001, 100).Draw(t, "percentage")
		h := newHarness(t, func(c *Config) { c.Budget.Value, c.DryRun = budget, true })
		td := hostileBatches(hostileStates).Draw(t, "batch")
		in := []ptrace.Traces{copyOf(td)}
		h.send(td)
		h.finish()
		require.Equal(t, canonical(t, in, false), canonical(t, h.received, false))
	})
}

// What the caller does with the batch after Consume does not matter: with pooled memory it is used for the next one.
func TestBatchMayBeReused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHarness(t, all)
		td := hostileBatches(hostileStates).Draw(t, "batch")
		in := []ptrace.Traces{copyOf(td)}
		h.send(td)
		for _, rs := range td.ResourceSpans().All() {
			rs.Resource().Attributes().Clear()
			for _, ss := range rs.ScopeSpans().All() {
				ss.Scope().SetName("reused")
				for _, s := range ss.Spans().All() {
					ptrace.NewSpan().CopyTo(s)
				}
			}
		}
		h.finish()
		require.Equal(t, canonical(t, in, false), canonical(t, h.received, true))
	})
}

func copyOf(td ptrace.Traces) ptrace.Traces {
	c := ptrace.NewTraces()
	td.CopyTo(c)
	return c
}

// canonical is the spans of batches with what surrounds them, in an order of its own. Spans without a trace id are left out:
// they are counted as lost. Thresholds and randomness are taken away, and where marked is set, the documented attributes.
func canonical(t require.TestingT, batches []ptrace.Traces, marked bool) []string {
	var all []string
	for _, td := range batches {
		td = copyOf(td)
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				ss.Spans().RemoveIf(func(s ptrace.Span) bool { return s.TraceID().IsEmpty() })
				for _, s := range ss.Spans().All() {
					s.TraceState().FromRaw(withoutSampling(s.TraceState().AsRaw()))
					if marked {
						m := Defaults().Marks
						for _, name := range []string{m.Reason, m.Path, m.Probability} {
							s.Attributes().Remove(name)
						}
					}
				}
			}
		}
		all = append(all, rows(t, td)...)
	}
	slices.Sort(all)
	return all
}

// rows is a batch as one protobuf message a span, each with its resource and scope.
func rows(t require.TestingT, td ptrace.Traces) []string {
	var all []string
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				one := ptrace.NewTraces()
				r := one.ResourceSpans().AppendEmpty()
				rs.Resource().CopyTo(r.Resource())
				r.SetSchemaUrl(rs.SchemaUrl())
				sc := r.ScopeSpans().AppendEmpty()
				ss.Scope().CopyTo(sc.Scope())
				sc.SetSchemaUrl(ss.SchemaUrl())
				s.CopyTo(sc.Spans().AppendEmpty())
				b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(one)
				require.NoError(t, err)
				all = append(all, string(b))
			}
		}
	}
	return all
}

// withoutSampling takes th and rv out of a tracestate that can be parsed.
func withoutSampling(raw string) string {
	w3c, err := sampling.NewW3CTraceState(raw)
	if err != nil {
		return raw
	}
	w3c.OTelValue().ClearTValue()
	w3c.OTelValue().ClearRValue()
	var b strings.Builder
	if w3c.Serialize(&b) != nil {
		return raw
	}
	return b.String()
}
