package tailsampling

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func all(c *Config) { c.Budget = Budget{Unit: SharePercent, Value: 100} }

func TestUnknownTraceWaitsForInitialWait(t *testing.T) {
	h := newHarness(t, all)
	id := traceID(1, 0.5)
	h.send(simple(id, time.Millisecond))
	h.pass(9 * time.Second)
	assert.Empty(t, h.order)
	h.pass(2 * time.Second)
	require.Len(t, h.order, 1)
	d := h.order[0]
	assert.True(t, d.Kept)
	assert.Equal(t, 2, d.Spans)
	assert.Equal(t, time.Millisecond, d.Duration)
	assert.InDelta(t, 10, d.Latency.Seconds(), 0.3)
	assert.Len(t, h.out[id], 2)
}

func TestKnownPathIsDecidedSoon(t *testing.T) {
	h := newHarness(t, all)
	n := 0
	for range 400 { // 40 s of one path
		h.send(simple(traceID(n, 0.5), time.Millisecond))
		n++
		h.pass(100 * time.Millisecond)
	}
	last := h.order[len(h.order)-1]
	assert.Less(t, last.Latency, 500*time.Millisecond)
}

// A root that comes long after its children must not find its trace decided: that is the slow request one looks for.
func TestTraceWithoutRootIsNotDecidedEarly(t *testing.T) {
	h := newHarness(t, all)
	child := func(id pcommon.TraceID) ptrace.Traces {
		return makeBatch(id, spec{id: 2, parent: 1, service: "cart", name: "get", end: time.Millisecond})
	}
	root := func(id pcommon.TraceID) ptrace.Traces {
		return makeBatch(id, spec{id: 1, service: "shop", name: "GET /", end: 5 * time.Millisecond})
	}
	for n := range 300 {
		id := traceID(n, 0.5)
		h.send(child(id))
		h.pass(150 * time.Millisecond)
		h.send(root(id))
		h.pass(50 * time.Millisecond)
	}
	h.pass(15 * time.Second)
	require.Len(t, h.order, 300)
	slow := traceID(1000, 0.5)
	h.send(child(slow))
	h.pass(20 * time.Second)
	require.NotContains(t, h.decisions, slow, "decided without its root")
	h.send(root(slow))
	h.pass(2 * time.Second)
	require.Contains(t, h.decisions, slow)
	assert.Equal(t, 2, h.decisions[slow].Spans)
	assert.Zero(t, h.late[true]+h.late[false])
}

// Behind a mesh or a browser the root never comes. Such traces must not wait for it once that is known.
func TestAbsentParentBelongsToTheShape(t *testing.T) {
	h := newHarness(t, all)
	for n := range 600 {
		h.send(makeBatch(traceID(n, 0.5), spec{id: 2, parent: 1, service: "cart", name: "get", end: time.Millisecond}))
		h.pass(100 * time.Millisecond)
	}
	last := h.order[len(h.order)-1]
	assert.Less(t, last.Latency, time.Second)
}

func TestMaxWaitDecidesWhateverComes(t *testing.T) {
	h := newHarness(t, all)
	id := traceID(1, 0.5)
	for i := range 700 { // a span every 100 ms for 70 s
		h.send(makeBatch(id, spec{id: byte(i%200 + 2), parent: 1, service: "cart", name: "get", end: time.Millisecond}))
		h.pass(100 * time.Millisecond)
	}
	require.Contains(t, h.decisions, id)
	assert.InDelta(t, 600, h.decisions[id].Spans, 5, "decided at max_wait")
	h.pass(5 * time.Second)
	assert.Len(t, h.out[id], 700, "later spans of a kept trace follow")
}

func TestLateSpansFollowTheirTrace(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Budget.Value, c.Baseline = 50, 1 })
	kept, dropped := traceID(1, 0.99), traceID(2, 0.01)
	h.send(simple(kept, time.Millisecond))
	h.send(simple(dropped, time.Millisecond))
	h.pass(11 * time.Second)
	require.True(t, h.decisions[kept].Kept)
	require.False(t, h.decisions[dropped].Kept)
	for _, id := range []pcommon.TraceID{kept, dropped} {
		h.send(makeBatch(id, spec{id: 9, parent: 1, service: "late", name: "late", end: time.Second}))
	}
	h.pass(time.Second)
	assert.Equal(t, map[bool]int{true: 1, false: 1}, h.late)
	assert.Empty(t, h.out[dropped])
	require.Len(t, h.out[kept], 3)
	for _, s := range h.out[kept] {
		assert.Equal(t, thresholdOf(h.out[kept][0]), thresholdOf(s))
	}
	assert.Len(t, h.order, 2, "late spans are no new decision")
}

func TestMarks(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Budget.Value, c.Baseline = 25, 1 })
	id := traceID(1, 0.9)
	h.send(simple(id, time.Millisecond))
	h.pass(11 * time.Second)
	require.Len(t, h.out[id], 2)
	for _, s := range h.out[id] {
		assert.Equal(t, "ot=th:c", s.TraceState().AsRaw())
		reason, ok := s.Attributes().Get("assay.sampling.reason")
		assert.Equal(t, s.ParentSpanID().IsEmpty(), ok, "only the root is marked")
		if ok {
			p, _ := s.Attributes().Get("assay.sampling.probability")
			path, _ := s.Attributes().Get("assay.sampling.path")
			assert.Equal(t, "baseline", reason.Str())
			assert.InDelta(t, 0.25, p.Double(), 1e-9)
			assert.Len(t, path.Str(), 16)
		}
	}
}

func TestDryRunForwardsEverythingUnchanged(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Budget.Value, c.Baseline, c.DryRun = 25, 1, true })
	for n := range 20 {
		h.send(simple(traceID(n, float64(n)/20), time.Millisecond))
	}
	h.pass(11 * time.Second)
	kept := 0
	for _, d := range h.order {
		if d.Kept {
			kept++
		}
		require.Len(t, h.out[d.TraceID], 2)
		for _, s := range h.out[d.TraceID] {
			assert.Empty(t, s.TraceState().AsRaw())
			_, marked := s.Attributes().Get("assay.sampling.reason")
			assert.False(t, marked)
		}
	}
	assert.Equal(t, 5, kept)
}

func TestShutdownDecidesEverything(t *testing.T) {
	h := newHarness(t, all)
	for n := range 50 {
		h.send(simple(traceID(n, 0.5), time.Millisecond))
	}
	require.NoError(t, h.engine.Shutdown(context.Background()))
	require.NoError(t, h.engine.Shutdown(context.Background()))
	assert.Len(t, h.order, 50)
	for _, d := range h.order {
		assert.Equal(t, "shutdown", d.Reason)
	}
	assert.Equal(t, 100, h.sent)
	assert.ErrorIs(t, h.engine.Consume(context.Background(), simple(traceID(99, 0.5), 1)), ErrShutdown)
}

func TestInvalidTraceIDIsCounted(t *testing.T) {
	h := newHarness(t, all)
	h.send(simple(pcommon.TraceID{}, time.Millisecond))
	assert.Equal(t, map[LossReason]int{LostInvalidTraceID: 2}, h.lost)
	assert.Zero(t, h.engine.Open())
}

func TestPermanentErrorIsCounted(t *testing.T) {
	h := newHarness(t, all)
	h.fail = consumererror.NewPermanent(errors.New("no"))
	h.send(simple(traceID(1, 0.5), time.Millisecond))
	h.pass(11 * time.Second)
	assert.Equal(t, map[LossReason]int{LostRejected: 2}, h.lost)
}

// Memory stays within its limit whatever comes, and everything that came in is decided.
func TestMemoryLimitDecidesTheOldest(t *testing.T) {
	const limit = 16 << 20
	h := newHarness(t, func(c *Config) { c.MemoryLimit = limit; c.Budget.Value = 1 })
	r := rand.New(rand.NewPCG(1, 2))
	sent := 0
	for n := range 30_000 {
		td := makeBatch(traceID(n, r.Float64()), spec{
			id: 1, service: "shop", name: "GET /", end: time.Millisecond,
			attribute: fmt.Sprint(r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(),
				r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(),
				r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(),
				r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()),
		})
		h.send(td)
		sent++
		if n%100 == 0 {
			h.pass(tickInterval)
			require.Less(t, h.engine.Stats().Bytes, int64(limit))
		}
	}
	overflow := 0
	for _, d := range h.order {
		if d.Reason == "overflow" {
			overflow++
		}
	}
	assert.Positive(t, overflow)
	h.pass(11 * time.Second)
	assert.Len(t, h.order, sent)
}
