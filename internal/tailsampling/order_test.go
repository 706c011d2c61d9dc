package tailsampling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// pieces takes a batch apart into batches of one span.
func pieces(td ptrace.Traces) []ptrace.Traces {
	var out []ptrace.Traces
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
				out = append(out, one)
			}
		}
	}
	return out
}

// arrival sends spans in a drawn order, in batches of a drawn size, some time apart.
func (h *harness) arrival(t *rapid.T, spans []ptrace.Traces) {
	order := rapid.Permutation(spans).Draw(t, "order")
	for len(order) > 0 {
		n := rapid.IntRange(1, len(order)).Draw(t, "batch")
		td := ptrace.NewTraces()
		for _, one := range order[:n] {
			one.ResourceSpans().At(0).CopyTo(td.ResourceSpans().AppendEmpty())
		}
		order = order[n:]
		h.send(td)
		h.pass(rapid.SampledFrom([]time.Duration{0, 0, tickInterval, 200 * time.Millisecond}).Draw(t, "pause"))
	}
}

// always is a matcher whose first rule matches every span.
type always struct{}

func (always) Match(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span) int { return 0 }

// What is found out about a trace does not depend on the order in which its spans come, nor on how they are batched; nor
// does the decision, given the probability. (The probability follows the budget, and so the time.)
func TestDecisionDoesNotDependOnArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		change := hostileConfig(t)
		p := rapid.Float64Range(0.01, 1).Draw(t, "probability")
		spans := pieces(hostileBatches(hostileStates).Draw(t, "spans"))
		decide := func() map[pcommon.TraceID]Decision {
			h := newHarness(t, func(c *Config) {
				change(c)
				c.Budget = Budget{SpansPerSecond, 1e9}
				c.Matcher, c.Rules = always{}, []Rule{{Name: "fixed", Action: Probability, Value: p}}
			})
			h.arrival(t, spans)
			h.pass(11 * time.Second)
			h.finish()
			for id, d := range h.decisions {
				d.Latency = 0
				h.decisions[id] = d
			}
			return h.decisions
		}
		first, again := decide(), decide()
		require.Equal(t, first, again)
	})
}
