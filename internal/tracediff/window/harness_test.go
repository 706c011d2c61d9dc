package window

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// tester is what a harness needs of a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
	Cleanup(func())
}

// epoch is the start of a window of every length that tests use.
var epoch = time.Unix(1_700_006_400, 0).UTC()

// harness drives an Engine with its own clock and keeps the windows that close.
type harness struct {
	t      tester
	engine *Engine
	now    time.Time
	closed []*snapshot.Snapshot
}

// newHarness begins at epoch.
func newHarness(t tester, limits Limits, queries ...Query) *harness {
	t.Helper()
	h := &harness{t: t, now: epoch}
	e, err := New(Config{
		Queries: queries, Wait: 10 * time.Second, Limits: limits, Clock: func() time.Time { return h.now },
		Closed: func(w Window) { h.closed = append(h.closed, w.Snapshot) },
	})
	require.NoError(t, err)
	h.engine = e
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return h
}

// every is a query of windows of a minute that close 10 s after their end.
func every(t tester, id, text string, keys ...string) Query {
	q, err := query.Parse(text)
	require.NoError(t, err)
	return Query{ID: id, Query: q, Keys: keys, Window: time.Minute, Lateness: 10 * time.Second}
}

// send consumes spans now.
func (h *harness) send(spans ...spec) {
	h.t.Helper()
	require.NoError(h.t, h.engine.Consume(tracesOf(spans...)))
}

// pass lets time go by, second by second.
func (h *harness) pass(d time.Duration) {
	for end := h.now.Add(d); h.now.Before(end); {
		h.now = h.now.Add(time.Second)
		h.engine.Step()
	}
}

// leap sets the clock, without a Step between.
func (h *harness) leap(d time.Duration) {
	h.now = h.now.Add(d)
	h.engine.Step()
}

// one is the only window that has closed.
func (h *harness) one() *snapshot.Snapshot {
	h.t.Helper()
	require.Len(h.t, h.closed, 1)
	return h.closed[0]
}

// spec is a span in shorthand. Times are since epoch.
type spec struct {
	trace      int
	id, parent uint64
	service    string
	version    string
	name       string
	kind       ptrace.SpanKind
	start, end time.Duration
	failed     bool
	state      string // tracestate
	attributes map[string]any
}

func (s *spec) traceID() pcommon.TraceID {
	var id pcommon.TraceID
	if s.trace != 0 {
		binary.BigEndian.PutUint64(id[:], uint64(s.trace)*0x9E3779B97F4A7C15)
		binary.BigEndian.PutUint64(id[8:], uint64(s.trace))
	}
	return id
}

// tracesOf puts each span into a resource of its own.
func tracesOf(spans ...spec) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range spans {
		s := &spans[i]
		rs := td.ResourceSpans().AppendEmpty()
		if s.service != "" {
			rs.Resource().Attributes().PutStr("service.name", s.service)
		}
		if s.version != "" {
			rs.Resource().Attributes().PutStr("service.version", s.version)
		}
		s.put(rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	}
	return td
}

func (s *spec) put(sp ptrace.Span) {
	var id, parent pcommon.SpanID
	binary.BigEndian.PutUint64(id[:], s.id)
	binary.BigEndian.PutUint64(parent[:], s.parent)
	sp.SetTraceID(s.traceID())
	sp.SetSpanID(id)
	sp.SetParentSpanID(parent)
	sp.SetName(s.name)
	sp.SetKind(s.kind)
	sp.SetStartTimestamp(pcommon.NewTimestampFromTime(epoch.Add(s.start)))
	sp.SetEndTimestamp(pcommon.NewTimestampFromTime(epoch.Add(s.end)))
	if s.failed {
		sp.Status().SetCode(ptrace.StatusCodeError)
	}
	sp.TraceState().FromRaw(s.state)
	for k, v := range s.attributes {
		_ = sp.Attributes().PutEmpty(k).FromRaw(v)
	}
}

// request is a trace of a shop: a root of 100 ms that calls cart for 40 ms, which asks its database for 10 ms.
func request(trace int, start time.Duration) []spec {
	ms := func(n int) time.Duration { return start + time.Duration(n)*time.Millisecond }
	return []spec{
		{trace: trace, id: 1, service: "shop", name: "GET /checkout", kind: ptrace.SpanKindServer, start: ms(0), end: ms(100)},
		{trace: trace, id: 2, parent: 1, service: "cart", name: "items", kind: ptrace.SpanKindServer, start: ms(20), end: ms(60)},
		{trace: trace, id: 3, parent: 2, service: "cart", name: "SELECT", kind: ptrace.SpanKindClient, start: ms(30), end: ms(40)},
	}
}

// find returns the group of an identity, nil where there is none.
func find(s *snapshot.Snapshot, id snapshot.Identity) *snapshot.Group {
	at := slices.IndexFunc(s.Groups, func(g *snapshot.Group) bool { return g.Identity == id })
	if at < 0 {
		return nil
	}
	return s.Groups[at]
}

func service(name string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Service, Value: name}
}

func operationOf(service, name string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: name}
}

func valueOf(key, value string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Attribute, Key: key, Value: value}
}

// spansOf is the raw count of a group, 0 where there is none.
func spansOf(s *snapshot.Snapshot, id snapshot.Identity) int {
	if g := find(s, id); g != nil {
		return int(g.Sum().Spans)
	}
	return 0
}
