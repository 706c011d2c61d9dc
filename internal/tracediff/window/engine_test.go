package window

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// One request, group by group.
func TestSnapshotOfARequest(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service = "shop"`, "service", "tenant"))
	spans := request(1, 4*time.Second)
	spans[0].version, spans[0].failed, spans[0].attributes = "1.4", true, map[string]any{"tenant": "acme"}
	h.send(spans...)
	h.pass(70 * time.Second)
	s := h.one()

	assert.Equal(t, "q-20231115T000000Z", s.ID)
	assert.Equal(t, snapshot.Complete, s.State)
	assert.Equal(t, epoch, s.Start)
	assert.Equal(t, epoch.Add(time.Minute), s.End)
	assert.Equal(t, epoch.Add(70*time.Second), s.Completed)
	assert.Equal(t, 3*time.Second, s.Slice)
	assert.Equal(t, []string{"service", "tenant"}, s.Keys)
	assert.Equal(t, snapshot.Coverage{Traces: 1, Spans: 3, WithoutThreshold: 3}, s.Coverage)
	at := epoch.Add(4 * time.Second)
	assert.Equal(t, []snapshot.Version{{Service: "shop", Version: "1.4", Weight: 1, First: at, Last: at}}, s.Versions)

	ms := math.Log(1e6)
	root := snapshot.Slice{
		Index: 1, Spans: 1, ErrorSpans: 1, Traces: 1, ErrorTraces: 1,
		Weight: 1, ErrorWeight: 1, TraceWeight: 1, TraceWeight2: 1, ErrorTrace: 1, ErrorTrace2: 1,
		LogDuration: ms + math.Log(100), LogDuration2: math.Pow(ms+math.Log(100), 2), Duration: 100e6, LogSelf: ms + math.Log(60),
	}
	cart := snapshot.Slice{
		Index: 1, Spans: 2, Traces: 1, Weight: 2, TraceWeight: 1, TraceWeight2: 1,
		LogDuration: 2*ms + math.Log(40) + math.Log(10), LogDuration2: math.Pow(ms+math.Log(40), 2) + math.Pow(ms+math.Log(10), 2),
		Duration: 50e6, LogSelf: 2*ms + math.Log(30) + math.Log(10),
	}
	items := snapshot.Slice{
		Index: 1, Spans: 1, Traces: 1, Weight: 1, TraceWeight: 1, TraceWeight2: 1,
		LogDuration: ms + math.Log(40), LogDuration2: math.Pow(ms+math.Log(40), 2), Duration: 40e6, LogSelf: ms + math.Log(30),
	}
	statement := snapshot.Slice{
		Index: 1, Spans: 1, Traces: 1, Weight: 1, TraceWeight: 1, TraceWeight2: 1,
		LogDuration: ms + math.Log(10), LogDuration2: math.Pow(ms+math.Log(10), 2), Duration: 10e6, LogSelf: ms + math.Log(10),
	}
	want := map[snapshot.Identity]snapshot.Slice{
		service("shop"): root, operationOf("shop", "GET /checkout"): root, valueOf("tenant", "acme"): root,
		service("cart"): cart, operationOf("cart", "items"): items, operationOf("cart", "SELECT"): statement,
		{Kind: snapshot.Edge, Service: "cart", Value: "items", CallerService: "shop", Caller: "GET /checkout"}: items,
		{Kind: snapshot.Edge, Service: "cart", Value: "SELECT", CallerService: "cart", Caller: "items"}:        statement,
	}
	paths := 0
	for _, g := range s.Groups {
		require.Len(t, g.Slices, 1, g.Identity)
		if g.Kind == snapshot.Path {
			paths++
			assert.Equal(t, "shop", g.Service)
			assert.Equal(t, "GET /checkout", g.Value)
			assert.Len(t, g.PathID, 16)
			requireSlice(t, root, g.Slices[0])
			continue
		}
		slice, ok := want[g.Identity]
		require.True(t, ok, "unexpected group %v", g.Identity)
		delete(want, g.Identity)
		requireSlice(t, slice, g.Slices[0])
		assert.Equal(t, []string{spans[0].traceID().String()}, g.Exemplars.Slow)
		assert.Equal(t, []string{spans[0].traceID().String()}, g.Exemplars.Random)
		assert.Equal(t, slice.ErrorSpans == 1, len(g.Exemplars.Error) == 1)
	}
	assert.Empty(t, want)
	assert.Equal(t, 1, paths)
	requireSlice(t, root, s.Total.Slices[0])
	assert.InDelta(t, 40e6, find(s, operationOf("cart", "items")).Duration.Quantile(0.5), 2e6)
	assert.InDelta(t, 30e6, find(s, operationOf("cart", "items")).Self.Quantile(0.5), 2e6)
	assert.Equal(t, []snapshot.Calls{{Weight: 1}}, find(s, operationOf("shop", "GET /checkout")).Parents)
	assert.Equal(t, []snapshot.Calls{{Service: "shop", Operation: "GET /checkout", Weight: 1}}, find(s, operationOf("cart", "items")).Parents)
}

// requireSlice allows for rounding in what is summed.
func requireSlice(t tester, want, got snapshot.Slice) {
	t.Helper()
	for _, pair := range [][2]*float64{
		{&want.LogDuration, &got.LogDuration},
		{&want.LogDuration2, &got.LogDuration2},
		{&want.Duration, &got.Duration},
		{&want.LogSelf, &got.LogSelf},
		{&want.Weight, &got.Weight},
		{&want.ErrorWeight, &got.ErrorWeight},
		{&want.TraceWeight, &got.TraceWeight},
		{&want.TraceWeight2, &got.TraceWeight2},
		{&want.ErrorTrace, &got.ErrorTrace},
		{&want.ErrorTrace2, &got.ErrorTrace2},
	} {
		require.InDelta(t, *pair[0], *pair[1], 1e-9*math.Abs(*pair[0]))
		*pair[1] = *pair[0]
	}
	require.Equal(t, want, got)
}

// With scope trace the other spans of a matching trace count, with scope span they do not.
func TestScope(t *testing.T) {
	whole, own := every(t, "trace", `operation = "items"`), every(t, "span", `operation = "items"`)
	own.Scope = Span
	h := newHarness(t, Limits{}, whole, own)
	h.send(request(1, time.Second)...)
	other := request(2, 2*time.Second)
	h.send(other[0])
	h.pass(70 * time.Second)
	require.Len(t, h.closed, 2)
	for _, s := range h.closed {
		assert.EqualValues(t, 1, s.Coverage.Traces, s.QueryID)
		assert.Equal(t, 1, spansOf(s, operationOf("cart", "items")))
	}
	assert.EqualValues(t, 3, h.closed[0].Coverage.Spans)
	assert.Equal(t, 1, spansOf(h.closed[0], service("shop")))
	assert.InDelta(t, 100e6, h.closed[0].Total.Sum().Duration, 1)
	assert.EqualValues(t, 1, h.closed[1].Coverage.Spans)
	assert.Equal(t, 0, spansOf(h.closed[1], service("shop")))
	assert.InDelta(t, 40e6, h.closed[1].Total.Sum().Duration, 1)
}

// The two sides of a call that Zipkin gives one id are two spans; a span that was sent twice is one.
func TestDuplicates(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service IN ("shop", "cart")`))
	spans := request(1, time.Second)
	h.send(spans...)
	h.pass(5 * time.Second)
	h.send(spans[1])
	h.send(spans[1], spans[2])
	shared := spans[2]
	shared.service, shared.kind = "db", 2
	h.send(shared)
	h.pass(70 * time.Second)
	s := h.one()
	assert.EqualValues(t, 4, s.Coverage.Spans)
	assert.EqualValues(t, 3, s.Coverage.Duplicates)
	assert.Equal(t, 1, spansOf(s, service("db")))
	assert.Equal(t, 1, spansOf(s, operationOf("cart", "SELECT")))
}

// Spans without a usable id cannot be put into a trace.
func TestInvalidSpansAreCounted(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service = "shop"`))
	h.send(spec{id: 1, service: "shop", start: 1}, spec{trace: 1, service: "shop", start: 1})
	h.pass(70 * time.Second)
	assert.Equal(t, snapshot.Coverage{Invalid: 2}, h.one().Coverage)
	assert.EqualValues(t, 2, h.engine.Stats().Invalid)
}

// A span without a start is in no window, which is another thing than being late. One without an end, or with an end before its
// start, is a call whose time is not known: it counts, with a duration of 0, and the coverage says so.
func TestSpansWithoutTimes(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service = "shop"`))
	since1970 := time.Duration(epoch.UnixNano())
	h.send(
		spec{trace: 1, id: 1, service: "shop", name: "whole", start: time.Second, end: 2 * time.Second},
		spec{trace: 1, id: 2, parent: 1, service: "shop", name: "no start", start: -since1970, end: time.Second},
		spec{trace: 2, id: 1, service: "shop", name: "no times", start: -since1970, end: -since1970},
		spec{trace: 1, id: 3, parent: 1, service: "shop", name: "no end", start: time.Second, end: -since1970, failed: true},
		spec{trace: 1, id: 4, parent: 1, service: "shop", name: "end before start", start: time.Second, end: time.Second - 1},
		spec{trace: 1, id: 5, parent: 1, service: "shop", name: "end is start", start: time.Second, end: time.Second},
	)
	h.pass(70 * time.Second)
	s := h.one()
	assert.Equal(t, snapshot.Coverage{Traces: 1, Spans: 4, WithoutThreshold: 4, Untimed: 2, WithoutEnd: 2}, s.Coverage)
	assert.EqualValues(t, 2, h.engine.Stats().Untimed)
	assert.Zero(t, h.engine.Stats().Late)
	g := find(s, operationOf("shop", "no end"))
	require.NotNil(t, g)
	assert.EqualValues(t, 1, g.Sum().ErrorSpans)
	assert.Zero(t, g.Sum().Duration)
}

// A recording begins with the first span that says when it began.
func TestExtentOfSpansWithoutTimes(t *testing.T) {
	spans := request(1, time.Second)
	spans[2].start = -time.Duration(epoch.UnixNano())
	s := replayed(t, every(t, "q", `service = "shop"`), []ptrace.Traces{tracesOf(spans...)})
	assert.Equal(t, epoch.Add(time.Second), s.Start)
	assert.Equal(t, snapshot.Coverage{Traces: 1, Spans: 2, WithoutThreshold: 2, Untimed: 1}, s.Coverage)
	var x Extent
	x.Add(tracesOf(spans[2]))
	assert.True(t, x.Empty())
}

// Start steps by itself and Shutdown ends that, also twice and without Start.
func TestEngineRunsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan *snapshot.Snapshot, 1)
		e, err := New(Config{Queries: []Query{every(t, "q", `service = "shop"`)}, Closed: func(w Window) { closed <- w.Snapshot }})
		require.NoError(t, err)
		e.Start()
		e.Start()
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(71 * time.Second))) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		require.Len(t, closed, 1)
		require.NoError(t, e.Shutdown(context.Background()))
		require.NoError(t, e.Shutdown(context.Background()))
		require.ErrorIs(t, e.Consume(tracesOf(request(1, 0)...)), ErrShutdown)
	})
	e, err := New(Config{})
	require.NoError(t, err)
	require.NoError(t, e.Shutdown(context.Background()))
	e.Start()
	require.NoError(t, e.Shutdown(context.Background()))
}
