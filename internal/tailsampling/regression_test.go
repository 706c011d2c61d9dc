package tailsampling

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// taker empties every batch that it is offered, and refuses the first ones all the same, as a consumer that moves data into
// a queue of its own may do.
type taker struct{ refuse, arrived int }

func (k *taker) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	mine := ptrace.NewTraces()
	td.MoveTo(mine)
	if k.refuse > 0 {
		k.refuse--
		return errors.New("queue is full")
	}
	k.arrived += mine.SpanCount()
	return nil
}

func TestRetryOffersTheWholeBatchAgain(t *testing.T) {
	h := newHarness(t, all)
	next := &taker{refuse: 2}
	h.engine.sender.next = next
	for n := range 5 {
		h.send(simple(traceID(n, 0.5), time.Millisecond))
	}
	h.pass(11 * time.Second)
	assert.Equal(t, 10, next.arrived)
	assert.Equal(t, 10, h.sent)
	assert.Zero(t, h.engine.Open(), "what is handed on is freed")
}

// Where no sign shows, what the budget has left goes to all alike.
func TestUnremarkableTracesFillTheBudget(t *testing.T) {
	for _, c := range []struct {
		name     string
		percent  float64
		baseline float64
		interest Interest
	}{
		{"everything fits", 100, 0.2, Interest{}},
		{"a tenth", 10, 0.2, Interest{}},
		{"no baseline", 10, 0, Interest{Latency: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t, func(cfg *Config) {
				cfg.Budget.Value, cfg.Baseline, cfg.Interest = c.percent, c.baseline, c.interest
			})
			const traces = 20_000
			for n := range traces {
				h.send(simple(traceID(n, float64(n*7919%traces)/traces), time.Millisecond))
				if n%10 == 0 {
					h.pass(tickInterval)
				}
			}
			h.pass(11 * time.Second)
			kept := 0
			for _, d := range h.order {
				assert.Positive(t, d.Probability)
				if d.Kept {
					kept++
				}
			}
			assert.InEpsilon(t, c.percent/100*traces, kept, 0.07)
		})
	}
}

// A rule that a span matches between judgement and decision counts; the reason says what decided.
func TestRuleMatchedAfterTheJudgement(t *testing.T) {
	h := newHarness(t, func(c *Config) {
		c.Budget.Value = 0.001
		c.Rules = []Rule{{Name: "vip", Action: Keep}}
		c.Matcher = matchTag("vip")
	})
	id := traceID(1, 0.01)
	h.send(simple(id, time.Millisecond))
	for len(h.engine.decider.candidates) == 0 {
		h.now = h.now.Add(tickInterval)
		h.engine.decider.selector.last = h.engine.assembly.clock.Now() // hold the selection back
		h.engine.Step()
	}
	h.send(makeBatch(id, spec{id: 7, parent: 1, service: "cart", name: "vip", end: time.Millisecond, attribute: "vip"}))
	h.pass(2 * time.Second)
	require.Contains(t, h.decisions, id)
	assert.True(t, h.decisions[id].Kept)
	assert.Equal(t, "rule:vip", h.decisions[id].Reason)
}

// matchTag matches rule 0 by the attribute "tag".
type matchTag string

func (m matchTag) Match(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) int {
	if v, ok := s.Attributes().Get("tag"); ok && v.Str() == string(m) {
		return 0
	}
	return -1
}

// Under a debt ordinary traces are sampled on their own terms, but they are not large.
func TestDebtIsNotSize(t *testing.T) {
	s := newSelector(Budget{Unit: SpansPerSecond, Value: 100}, 0.2, Defaults().Interest)
	s.allowance.tokens = -10
	cs := []candidate{
		{cost: 1, weight: 1, factor: 1, floor: 0.1, rank: 0.5},
		{cost: 1000, weight: 1, factor: 1, floor: 0.1, rank: 0.5},
	}
	s.admit(cs, 1)
	assert.True(t, cs[0].apart && !cs[0].large)
	assert.True(t, cs[1].apart && cs[1].large)
}

// What is forgotten makes room: endless new shapes do not end learning.
func TestForgottenShapesMakeRoom(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Paths.HalfLife = time.Second })
	l := h.engine.decider.gaps
	l.maxClasses = 50
	for n := range 400 {
		h.send(makeBatch(traceID(n, 0.5), spec{id: 1, service: "shop", name: "op-" + string(rune('a'+n%26)) + string(rune('a'+n/26)), end: time.Millisecond}))
		h.pass(time.Second)
	}
	h.pass(2 * time.Minute)
	assert.Less(t, len(l.index), 10)
	assert.LessOrEqual(t, len(l.classes), 50)
}

func TestDryRunForwardsSpansWithoutTraceID(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.DryRun = true })
	h.send(simple(pcommon.TraceID{}, time.Millisecond))
	h.pass(11 * time.Second)
	assert.Empty(t, h.lost)
	assert.Len(t, h.out[pcommon.TraceID{}], 2)
}

func TestRefusedAtShutdownIsCounted(t *testing.T) {
	h := newHarness(t, all)
	require.NoError(t, h.engine.Shutdown(context.Background()))
	require.ErrorIs(t, h.engine.Consume(context.Background(), simple(traceID(1, 0.5), 1)), ErrShutdown)
	assert.Equal(t, 2, h.refused)
}
