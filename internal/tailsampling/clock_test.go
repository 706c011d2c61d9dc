package tailsampling

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// leap moves the clock at once, in either direction, and lets the engine see it.
func (h *harness) leap(d time.Duration) {
	h.now = h.now.Add(d)
	h.engine.Step()
	h.engine.Drain(context.Background())
}

// A clock that leaps by hours, forward or back, does no harm: everything is decided, within the budget.
func TestClockLeaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHarness(t, hostileConfig(t))
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			h.send(hostileBatches(hostileStates).Draw(t, "batch"))
			h.leap(rapid.SampledFrom([]time.Duration{
				-10 * time.Hour, -time.Minute, -time.Second, -time.Millisecond, 0, tickInterval, time.Second, time.Minute, 1000 * time.Hour,
			}).Draw(t, "leap"))
			st := h.engine.Stats()
			require.LessOrEqual(t, h.engine.decider.selector.seen, offeredMemory)
			require.GreaterOrEqual(t, h.engine.decider.selector.seen, time.Duration(0))
			require.False(t, st.Floor < 0 || st.Floor > 1 || st.BudgetUsed < 0, "%+v", st)
		}
		h.now = h.now.Add(-time.Duration(rapid.Int64Range(0, 3600e9).Draw(t, "last leap")))
		h.finish()
		require.GreaterOrEqual(t, h.engine.decider.selector.seen, time.Duration(0))
	})
}

func TestLeapForwardDecidesWhatIsOpen(t *testing.T) {
	h := newHarness(t, all)
	h.send(simple(traceID(1, 0.5), time.Millisecond))
	h.pass(time.Second)
	h.leap(5 * time.Hour)
	h.pass(200 * time.Millisecond)
	assert.Len(t, h.order, 1)
}

// After a leap back, time goes on from there: traces do not wait for the hours to come round again.
func TestLeapBackDoesNotStopDecisions(t *testing.T) {
	h := newHarness(t, all)
	h.pass(2 * time.Hour)
	h.send(simple(traceID(1, 0.5), time.Millisecond))
	h.leap(-time.Hour)
	h.send(simple(traceID(2, 0.5), time.Millisecond))
	h.pass(2 * time.Minute)
	assert.Len(t, h.order, 2)
}

// A process that was stopped for hours has not saved up budget meanwhile.
func TestLeapForwardEarnsNoBudget(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Budget = Budget{SpansPerSecond, 20} })
	n := 0
	load := func(d time.Duration) { // 200 spans a second
		for range int(d / (10 * time.Millisecond)) {
			h.send(simple(traceID(n, float64(n*7919%10_000)/10_000), time.Duration(n%50)*time.Millisecond))
			n++
			h.pass(10 * time.Millisecond)
		}
	}
	load(30 * time.Second)
	h.leap(3 * time.Hour)
	before := h.sent
	load(10 * time.Second)
	assert.LessOrEqual(t, h.sent-before, 204)
}
