package tailsampling

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// counts is the books of an engine in numbers alone, for floods and for many goroutines.
type counts struct {
	offered, turned, refused                             atomic.Int64 // spans
	kept, dropped, lateKept, lateDropped, lost, sent, in atomic.Int64
	traces, overflow                                     atomic.Int64
}

func (c *counts) Decided(d *Decision) {
	c.traces.Add(1)
	if d.Reason == "overflow" {
		c.overflow.Add(1)
	}
	if d.Kept {
		c.kept.Add(int64(d.Spans))
	} else {
		c.dropped.Add(int64(d.Spans))
	}
}

func (*counts) Selected(*Stats) {}

func (c *counts) Late(kept bool, n int) {
	if kept {
		c.lateKept.Add(int64(n))
	} else {
		c.lateDropped.Add(int64(n))
	}
}

func (c *counts) Lost(_ LossReason, n int) { c.lost.Add(int64(n)) }
func (c *counts) Refused(n int)            { c.refused.Add(int64(n)) }
func (c *counts) Sent(n int)               { c.sent.Add(int64(n)) }

func (c *counts) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	c.in.Add(int64(td.SpanCount()))
	return nil
}

// offer consumes a batch, if the engine takes it.
func (c *counts) offer(ctx context.Context, e *Engine, td ptrace.Traces) error {
	n := int64(td.SpanCount())
	c.offered.Add(n)
	err := e.Consume(ctx, td)
	if err != nil {
		c.turned.Add(n)
	}
	return err
}

// requireBalanced checks the books after Shutdown, where all trace ids are valid.
func (c *counts) requireBalanced(t require.TestingT) {
	require.Equal(t, c.turned.Load(), c.refused.Load())
	require.Equal(t, c.offered.Load(), c.refused.Load()+c.kept.Load()+c.dropped.Load()+c.lateKept.Load()+c.lateDropped.Load())
	require.Equal(t, c.kept.Load()+c.lateKept.Load(), c.sent.Load()+c.lost.Load())
	require.Equal(t, c.in.Load(), c.sent.Load())
}

// heap is the live bytes on the Go heap.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A million traces of one span within ten seconds: memory stays at its limit, counted and measured, and all are decided.
func TestMillionTracesOfOneSpan(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	const traces, batch, limit = 1_000_000, 1000, 64 << 20
	now := time.Unix(1_700_000_000, 0)
	cfg := configured(func(c *Config) { c.MemoryLimit, c.Budget.Value = limit, 1 })
	var books counts
	base := heap()
	e := New(cfg, &books, &books, func() time.Time { return now })
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Now()
	for n := 0; n < traces; n += batch {
		td := ptrace.NewTraces()
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", "shop")
		spans := rs.ScopeSpans().AppendEmpty().Spans()
		spans.EnsureCapacity(batch)
		for i := range batch {
			s := spans.AppendEmpty()
			s.SetTraceID(traceID(n+i, r.Float64()))
			s.SetSpanID(spanID(n + i + 1))
			s.SetName("GET /")
			s.SetEndTimestamp(pcommon.Timestamp(r.Uint64N(1e9)))
			s.Attributes().PutStr("session", word(r)+word(r))
		}
		require.NoError(t, books.offer(t.Context(), e, td))
		now = now.Add(tickInterval)
		e.Step()
		e.Drain(t.Context())
		require.Less(t, e.Stats().Bytes, int64(limit*11/10))
		if n%(100*batch) == 0 {
			require.Less(t, heap()-base, int64(limit*3/2), "on the heap")
		}
	}
	require.NoError(t, e.Shutdown(t.Context()))
	books.requireBalanced(t)
	assert.Equal(t, int64(traces), books.traces.Load())
	assert.Positive(t, books.overflow.Load())
	assert.Greater(t, books.kept.Load(), int64(traces/100/4), "decided early, but by the budget")
	assert.Less(t, books.kept.Load(), int64(traces/100*4))
	assert.Less(t, time.Since(start), 2*time.Minute, "seconds, where nothing is quadratic")
}

// Ten thousand services with raw URLs as names: what is learned and named keeps to paths.max and to its part of the memory.
func TestManyServicesWithRawURLs(t *testing.T) {
	for _, most := range []int{200, 10_000} {
		t.Run(strconv.Itoa(most), func(t *testing.T) {
			const limit = 32 << 20
			h := newHarness(t, func(c *Config) {
				c.MemoryLimit, c.Paths.Max, c.Paths.NormalizeNames = limit, most, false
				c.Completion.InitialWait = c.Completion.MinWait
			})
			base := heap()
			r := rand.New(rand.NewPCG(1, 2))
			for n := range 10_000 {
				id := traceID(n, r.Float64())
				svc := fmt.Sprintf("service-%d", n)
				h.send(makeBatch(id,
					spec{id: 1, service: svc, name: "https://" + svc + ".example/" + word(r) + word(r), end: time.Duration(r.Int64N(1e9))},
					spec{id: 2, parent: 1, service: svc, name: "/cart/" + word(r), end: time.Duration(r.Int64N(1e9))}))
				h.pass(tickInterval)
			}
			st := h.engine.Stats()
			assert.LessOrEqual(t, st.Operations, most)
			assert.LessOrEqual(t, st.Paths, 2*most)
			assert.LessOrEqual(t, len(h.engine.intake.operations.names), 2*most)
			assert.Less(t, st.Bytes, int64(limit))
			h.decisions, h.out, h.received = map[pcommon.TraceID]Decision{}, map[pcommon.TraceID][]ptrace.Span{}, nil // not the engine's
			assert.Less(t, heap()-base, int64(limit*3/2))
			if most < 10_000 {
				assert.Positive(t, st.FoldedPaths)
			}
			kept := 0
			for _, d := range h.order {
				if d.Kept {
					kept += d.Spans
				}
			}
			assert.InEpsilon(t, 2000, kept, 0.25, "a flood of new paths is sampled like any other")
		})
	}
}
