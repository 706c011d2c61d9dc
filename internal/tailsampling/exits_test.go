package tailsampling

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracestate"
)

// byTag matches the rule whose name the attribute "tag" of a span holds.
type byTag []Rule

func (m byTag) Match(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) int {
	tag, ok := span.Attributes().Get("tag")
	for i := range m {
		if ok && m[i].Name == tag.Str() {
			return i
		}
	}
	return -1
}

// Every way out of the buffer is a decision with a reason and a threshold that is true.
func TestEveryExitIsADecision(t *testing.T) {
	rules := byTag{{Name: "noise", Action: Drop}, {Name: "vip", Action: Keep}, {Name: "half", Action: Probability, Value: 0.5}}
	whole := func(c *Config) { all(c); c.Baseline = 1 }
	small := func(c *Config) { c.Budget = Budget{SpansPerSecond, 1} }
	cases := []struct {
		name           string
		config         func(*Config)
		tag            string
		spans          int
		leave          func(h *harness)
		reason         string
		certain, never bool
	}{
		{name: "complete", config: whole, leave: func(h *harness) { h.pass(11 * time.Second) }, reason: "baseline", certain: true},
		{name: "max_wait", config: func(c *Config) { whole(c); c.Completion.InitialWait = c.Completion.MaxWait }, leave: func(h *harness) { h.pass(61 * time.Second) }, reason: "baseline", certain: true},
		{name: "shutdown", config: small, leave: func(*harness) {}, reason: "shutdown"},
		{name: "larger than the budget", config: small, spans: 50, leave: func(h *harness) { h.pass(11 * time.Second) }, reason: "large"},
		{name: "rule that drops", config: all, tag: "noise", leave: func(h *harness) { h.pass(11 * time.Second) }, reason: "drop:noise", never: true},
		{name: "rule that keeps", config: small, tag: "vip", leave: func(h *harness) { h.pass(11 * time.Second) }, reason: "rule:vip", certain: true},
		{name: "rule with a probability", config: all, tag: "half", leave: func(h *harness) { h.pass(11 * time.Second) }, reason: "rule:half"},
		{name: "rule that keeps, at shutdown", config: small, tag: "vip", leave: func(*harness) {}, reason: "rule:vip", certain: true},
	}
	for _, c := range cases {
		for _, randomness := range []float64{0, 0.3, 0.9999} {
			t.Run(fmt.Sprintf("%s, randomness %v", c.name, randomness), func(t *testing.T) {
				h := newHarness(t, func(cfg *Config) {
					c.config(cfg)
					cfg.Matcher, cfg.Rules = rules, rules
				})
				id := traceID(1, randomness)
				for n := range max(1, c.spans) {
					h.send(makeBatch(id, spec{id: byte(n + 1), parent: byte(n), service: "shop", name: "GET /", end: time.Second, attribute: c.tag}))
				}
				c.leave(h)
				h.finish()
				require.Len(t, h.order, 1)
				d := h.order[0]
				assert.Equal(t, c.reason, d.Reason)
				switch {
				case c.certain:
					assert.True(t, d.Kept)
					assert.Zero(t, d.Threshold)
				case c.never:
					assert.False(t, d.Kept)
				default:
					assert.Equal(t, tracestate.IDRandomness(id) >= d.Threshold, d.Kept)
					assert.InDelta(t, d.Probability, tracestate.Probability(d.Threshold), 1e-4*d.Probability)
				}
				h.requireThresholds(nil)
			})
		}
	}
}

// When memory is short the oldest traces are decided as they stand, by the budget, and say so.
func TestOverflowIsADecision(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.MemoryLimit, c.Budget.Value = 16<<20, 20 })
	for n := 0; h.engine.Stats().Bytes < 15<<20; n++ {
		h.send(simple(traceID(n, float64(n%1000)/1000), time.Millisecond))
	}
	sent := h.offered
	h.pass(tickInterval)
	require.NotEmpty(t, h.order)
	kept := 0
	for n, d := range h.order {
		require.Equal(t, "overflow", d.Reason)
		if d.Kept {
			kept++
		}
		if n > 0 { // 2 shards, each the oldest first
			require.Less(t, n, sent/2)
		}
	}
	assert.InEpsilon(t, 0.2*float64(len(h.order)), kept, 0.2)
	h.requireThresholds(nil)
	h.finish()
}

// A rule on any span decides for its trace: the first rule in the list, not the first span that came.
func TestFirstRuleOfAnySpanWins(t *testing.T) {
	rules := byTag{{Name: "noise", Action: Drop}, {Name: "vip", Action: Keep}}
	for _, tags := range [][]string{{"vip", "", "noise"}, {"noise", "vip", ""}, {"", "noise", "vip"}} {
		h := newHarness(t, func(c *Config) { c.Matcher, c.Rules = rules, rules })
		id := traceID(1, 0.5)
		for n, tag := range tags {
			h.send(makeBatch(id, spec{id: byte(n + 1), service: "shop", name: "GET /", attribute: tag}))
		}
		h.finish()
		assert.Equal(t, "drop:noise", h.decisions[id].Reason, "%v", tags)
	}
}

// A weight changes how interesting a trace is, not how it is kept; its reason is an ordinary one.
func TestWeightRuleScalesInterest(t *testing.T) {
	rules := byTag{{Name: "dull", Action: Weight, Value: 1e-6}, {Name: "dear", Action: Weight, Value: 1e6}}
	for _, tags := range [][2]string{{"dull", ""}, {"", "dear"}} {
		h := newHarness(t, func(c *Config) { c.Matcher, c.Rules = rules, rules })
		for n := range 600 {
			h.send(makeBatch(traceID(n, 0.5), spec{id: 1, service: "shop", name: "GET /", end: time.Duration(n%100) * time.Millisecond, attribute: tags[n%2]}))
			h.pass(20 * time.Millisecond)
		}
		h.finish()
		var chance [2]float64
		for n := range 600 {
			d := h.decisions[traceID(n, 0.5)]
			assert.NotContains(t, d.Reason, "rule:")
			chance[n%2] += d.Probability / 300
		}
		assert.Less(t, 2*chance[0], chance[1], "%v", tags)
		assert.Positive(t, chance[0], "the baseline is for all")
	}
}

// What the next consumer refuses for good is lost, with a reason; what it refuses for now is tried until the shutdown's end.
func TestWhatCannotBeHandedOnIsCounted(t *testing.T) {
	for reason, err := range map[LossReason]error{
		LostRejected: consumererror.NewPermanent(errors.New("malformed")),
		LostShutdown: errors.New("unavailable"),
	} {
		h := newHarness(t, all)
		h.fail = err
		h.send(simple(traceID(1, 0.5), time.Millisecond))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(t, h.engine.Shutdown(ctx))
		h.requireAccounted()
		assert.Equal(t, map[LossReason]int{reason: 2}, h.lost)
	}
}
