package tailsampling

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracestate"
)

// tester is what a harness needs of a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
	Cleanup(func())
}

// harness drives an engine with its own clock and keeps what comes out.
type harness struct {
	t      tester
	engine *Engine
	now    time.Time

	mu        sync.Mutex // guards everything below
	offered   int        // spans handed to Consume
	turned    int        // of these, spans answered with an error
	decisions map[pcommon.TraceID]Decision
	order     []Decision
	out       map[pcommon.TraceID][]ptrace.Span
	received  []ptrace.Traces
	lost      map[LossReason]int
	late      map[bool]int
	refused   int
	sent      int
	fail      error
	notices   []error // about the journal
}

func newHarness(t tester, change func(*Config)) *harness {
	t.Helper()
	h := newIdle(t)
	h.engine = New(configured(change), h, h, func() time.Time { return h.now })
	t.Cleanup(func() { require.NoError(t, h.engine.Shutdown(context.Background())) })
	return h
}

// newStarted is a harness whose engine runs by itself. It belongs into a synctest bubble, which has a clock of its own.
func newStarted(t tester, change func(*Config)) *harness {
	t.Helper()
	h := newIdle(t)
	h.engine = New(configured(change), h, h, time.Now)
	h.engine.Start()
	return h
}

func newIdle(t tester) *harness {
	return &harness{
		t: t, now: time.Unix(1_700_000_000, 0),
		decisions: map[pcommon.TraceID]Decision{}, out: map[pcommon.TraceID][]ptrace.Span{},
		lost: map[LossReason]int{}, late: map[bool]int{},
	}
}

func configured(change func(*Config)) Config {
	cfg := Defaults()
	cfg.Shards = 2
	if change != nil {
		change(&cfg)
	}
	return cfg
}

func (h *harness) Decided(d *Decision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, twice := h.decisions[d.TraceID]; twice {
		h.t.Errorf("trace %s was decided twice", d.TraceID)
	}
	h.decisions[d.TraceID] = *d
	h.order = append(h.order, *d)
}

func (*harness) Selected(*Stats) {}

func (h *harness) Late(kept bool, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.late[kept] += n
}

func (h *harness) Lost(r LossReason, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost[r] += n
}

func (h *harness) Refused(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused += n
}

func (h *harness) Sent(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent += n
}

func (h *harness) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return h.fail
	}
	h.received = append(h.received, td)
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				h.out[s.TraceID()] = append(h.out[s.TraceID()], s)
			}
		}
	}
	return nil
}

// send consumes a batch now.
func (h *harness) send(td ptrace.Traces) {
	h.t.Helper()
	require.NoError(h.t, h.offer(context.Background(), td))
}

// offer consumes a batch now, if the engine takes it.
func (h *harness) offer(ctx context.Context, td ptrace.Traces) error {
	n := td.SpanCount()
	err := h.engine.Consume(ctx, td)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.offered += n
	if err != nil {
		h.turned += n
	}
	return err
}

// pass lets time go by, tick by tick.
func (h *harness) pass(d time.Duration) {
	for end := h.now.Add(d); h.now.Before(end); {
		h.now = h.now.Add(tickInterval)
		h.engine.Step()
		h.engine.Drain(context.Background())
	}
}

// passUntil lets time go by until something holds, at most a minute.
func (h *harness) passUntil(holds func() bool) {
	h.t.Helper()
	for range int(time.Minute / tickInterval) {
		if holds() {
			return
		}
		h.pass(tickInterval)
	}
	require.True(h.t, holds(), "did not happen within a minute")
}

// spec is a span in shorthand. Times are since the trace began.
type spec struct {
	id, parent byte
	service    string
	name       string
	start, end time.Duration
	failed     bool
	state      string // tracestate
	attribute  string // value of attribute "tag"
}

// traceID makes an id whose randomness is a share of the range: 0 is the lowest, just under 1 the highest.
func traceID(n int, randomness float64) pcommon.TraceID {
	var id pcommon.TraceID
	binary.BigEndian.PutUint64(id[:], uint64(n)+1)
	binary.BigEndian.PutUint64(id[8:], uint64(randomness*float64(tracestate.RandomnessEnd)))
	return id
}

// batch builds spans of one trace, one resource per service.
func makeBatch(id pcommon.TraceID, spans ...spec) ptrace.Traces {
	td := ptrace.NewTraces()
	bySvc := map[string]ptrace.SpanSlice{}
	const epoch = 1_700_000_000_000_000_000
	for _, s := range spans {
		slice, ok := bySvc[s.service]
		if !ok {
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", s.service)
			slice = rs.ScopeSpans().AppendEmpty().Spans()
			bySvc[s.service] = slice
		}
		sp := slice.AppendEmpty()
		sp.SetTraceID(id)
		sp.SetSpanID(pcommon.SpanID{s.id})
		if s.parent != 0 {
			sp.SetParentSpanID(pcommon.SpanID{s.parent})
		}
		sp.SetName(s.name)
		sp.SetStartTimestamp(pcommon.Timestamp(epoch + int64(s.start)))
		sp.SetEndTimestamp(pcommon.Timestamp(epoch + int64(s.end)))
		if s.failed {
			sp.Status().SetCode(ptrace.StatusCodeError)
		}
		if s.state != "" {
			sp.TraceState().FromRaw(s.state)
		}
		if s.attribute != "" {
			sp.Attributes().PutStr("tag", s.attribute)
		}
	}
	return td
}

// simple is a root with one child, of a duration.
func simple(id pcommon.TraceID, d time.Duration) ptrace.Traces {
	return makeBatch(id,
		spec{id: 1, service: "shop", name: "GET /", end: d},
		spec{id: 2, parent: 1, service: "cart", name: "get", start: d / 4, end: d / 2})
}

// thresholdOf reads the th of a tracestate; "" where there is none.
func thresholdOf(s ptrace.Span) string {
	st := readTraceState(s.TraceState().AsRaw())
	if !st.HasThreshold {
		return ""
	}
	return fmt.Sprintf("%014x", st.Threshold)
}
