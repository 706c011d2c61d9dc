package tailsampling

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const largeTrace = 100_000

// largeSpans is a part of a trace that fans out as a tree, with eight children a span.
func largeSpans(id pcommon.TraceID, from, to int) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "batch")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	spans.EnsureCapacity(to - from)
	for n := from; n < to; n++ {
		s := spans.AppendEmpty()
		s.SetTraceID(id)
		s.SetSpanID(spanID(n + 1))
		if n > 0 {
			s.SetParentSpanID(spanID((n-1)/8 + 1))
		}
		s.SetName("step")
		s.SetStartTimestamp(pcommon.Timestamp(1_700_000_000_000_000_000 + n))
		s.SetEndTimestamp(pcommon.Timestamp(1_700_000_000_000_000_000 + 2*largeTrace - n))
		s.Attributes().PutInt("n", int64(n))
	}
	return td
}

func spanID(n int) (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], uint64(n))
	return id
}

// A trace of 100,000 spans comes out whole, in one piece, in bounded time, whether it came at once or in any order of pieces.
func TestLargeTrace(t *testing.T) {
	arrivals := map[string]func(h *harness, id pcommon.TraceID){
		"at once": func(h *harness, id pcommon.TraceID) { h.send(largeSpans(id, 0, largeTrace)) },
		"in pieces, the last ones first": func(h *harness, id pcommon.TraceID) {
			const piece = 500
			order := rand.New(rand.NewPCG(1, 2)).Perm(largeTrace / piece)
			for _, n := range order {
				h.send(largeSpans(id, n*piece, (n+1)*piece))
				h.pass(tickInterval)
			}
		},
	}
	for name, arrive := range arrivals {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			h := newHarness(t, all)
			id := traceID(1, 0.5)
			arrive(h, id)
			h.pass(11 * time.Second)
			require.Len(t, h.out[id], largeTrace)
			require.Len(t, h.received, 1, "a trace is sent whole")
			seen := make([]bool, largeTrace)
			marked := 0
			for _, s := range h.out[id] {
				n, ok := s.Attributes().Get("n")
				require.True(t, ok)
				require.False(t, seen[n.Int()], "span %d came twice", n.Int())
				seen[n.Int()] = true
				if _, ok := s.Attributes().Get("assay.sampling.reason"); ok {
					marked++
					assert.Zero(t, n.Int(), "the root is marked")
				}
			}
			assert.Equal(t, 1, marked)
			h.finish()
			assert.Less(t, time.Since(start), 2*time.Minute, "seconds, where nothing is quadratic")
		})
	}
}

// Under a budget far below its size a large trace still has its chance, and it does not take the budget of others for good.
func TestLargeTraceUnderASmallBudget(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Budget = Budget{SpansPerSecond, 100} })
	id := traceID(1, 0.5)
	h.send(largeSpans(id, 0, 20_000))
	h.pass(11 * time.Second)
	d := h.decisions[id]
	assert.Positive(t, d.Probability)
	assert.Less(t, d.Probability, 0.1)
	assert.Equal(t, "large", d.Reason)
	kept := 0
	for n := range 400 {
		h.send(simple(traceID(n+2, float64(n)/400), time.Millisecond))
		h.pass(100 * time.Millisecond)
	}
	h.pass(11 * time.Second)
	for _, d := range h.order {
		if d.Kept {
			kept++
		}
	}
	assert.Positive(t, kept)
	h.finish()
}

// While a large trace is decoded, other batches of its shard get in between: the lock is held for a piece at a time.
func TestDecodingDoesNotStopIntake(t *testing.T) {
	h := newHarness(t, func(c *Config) { all(c); c.Shards = 1 })
	h.send(largeSpans(traceID(1, 0.5), 0, largeTrace))
	h.passUntilKept(t)
	var decoding atomic.Bool
	done, between := make(chan struct{}), 0
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			before := decoding.Load()
			_ = h.offer(context.Background(), simple(traceID(n+2, 0.5), time.Millisecond))
			if before && decoding.Load() {
				between++
			}
			if before && !decoding.Load() {
				return
			}
		}
	}()
	decoding.Store(true)
	h.engine.Drain(context.Background())
	decoding.Store(false)
	<-done
	assert.Greater(t, between, 3, "batches that were taken in while decoding")
	h.finish()
}

// passUntilKept lets time go by, but hands nothing on, until there is something to hand on.
func (h *harness) passUntilKept(t *testing.T) {
	for range 2000 {
		h.now = h.now.Add(tickInterval)
		h.engine.Step()
		if len(h.engine.sender.outbox.queue) > 0 {
			return
		}
	}
	require.Fail(t, "nothing was kept")
}
