package window

import (
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// batches iterates over some.
func batches(list ...ptrace.Traces) func() (ptrace.Traces, error) {
	return func() (ptrace.Traces, error) {
		if len(list) == 0 {
			return ptrace.Traces{}, io.EOF
		}
		td := list[0]
		list = list[1:]
		return td, nil
	}
}

// sidesOf replays batches twice, as for two selections. A is empty for the rest.
func sidesOf(t *testing.T, q Query, a, b string, limits Limits, list ...ptrace.Traces) *Sides {
	t.Helper()
	d := NewDiscovery()
	for _, td := range list {
		d.Add(td)
	}
	captured, _, _ := d.Captures(q.Keys)
	by := Selection{}
	var err error
	by.B, err = query.Parse(b)
	require.NoError(t, err)
	if a != "" {
		by.A, err = query.Parse(a)
		require.NoError(t, err)
	}
	s, err := ReplaySides(q, by, captured, limits, epoch, epoch.Add(time.Minute), batches(list...))
	require.NoError(t, err)
	return s
}

// orders are traces of two spans; every third fails in the second, every fourth is slow, every sixth is of tenant acme.
func orders(n int) (list []ptrace.Traces) {
	for i := range n {
		spans := request(i+1, time.Duration(i)*time.Second)
		spans[0].attributes = map[string]any{"tenant": "other", "http.route": "/checkout", "order": fmt.Sprint("o", i)}
		if i%6 == 0 {
			spans[0].attributes["tenant"] = "acme"
		}
		spans[1].failed = i%3 == 0
		spans[1].attributes = map[string]any{"tenant": "of cart"}
		if i%4 == 0 {
			spans[1].end += 5 * time.Second // goes on after its caller has ended
		}
		list = append(list, tracesOf(spans[2]), tracesOf(spans[0], spans[1]))
	}
	return list
}

func tracesWith(s *snapshot.Snapshot, key, value string) int {
	if g := find(s, valueOf(key, value)); g != nil {
		return int(g.Sum().Traces)
	}
	return 0
}

// Each trace is on one side or on none, and has all of its attributes there, however its spans arrive.
func TestSides(t *testing.T) {
	everything := every(t, "q", "*")
	for _, tt := range []struct {
		name, q, a, b  string
		scope          Scope
		tracesA        uint64
		tracesB, both  uint64
		acmeA, acmeB   int
		ofCartA, spans int
	}{
		{"slow against the rest", "*", "", `trace.duration > 1s`, Trace, 18, 6, 0, 2, 2, 18, 18},
		{"slow against fast", "*", `trace.duration <= 1s`, `trace.duration > 1s`, Trace, 18, 6, 0, 2, 2, 18, 18},
		{"failed and slow belong to B", "*", `error = true`, `trace.duration > 1s`, Trace, 6, 6, 2, 2, 2, 6, 18},
		{"a span that matches is enough", "*", "", `tenant = "acme"`, Trace, 20, 4, 0, 0, 4, 20, 12},
		{"not those that the query leaves out", `error = true`, "", `trace.duration > 1s`, Trace, 6, 2, 0, 2, 2, 6, 6},
		{"only spans of the query", `service = "cart"`, "", `trace.duration > 1s`, Span, 18, 6, 0, 0, 0, 18, 12},
		{"nothing", "*", `tenant = "nobody"`, `tenant = "acme"`, Trace, 0, 4, 0, 0, 4, 0, 12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := every(t, "q", tt.q)
			q.Scope = tt.scope
			s := sidesOf(t, q, tt.a, tt.b, Limits{}, orders(24)...)
			assert.Equal(t, []uint64{tt.tracesA, tt.tracesB, tt.both}, []uint64{s.A.Coverage.Traces, s.B.Coverage.Traces, s.Both})
			assert.Equal(t, []int{tt.acmeA, tt.acmeB}, []int{tracesWith(s.A, "tenant", "acme"), tracesWith(s.B, "tenant", "acme")})
			assert.Equal(t, tt.ofCartA, tracesWith(s.A, "tenant", "of cart"))
			assert.Equal(t, tt.spans, int(s.B.Coverage.Spans))
			assert.Equal(t, s.A.Keys, s.B.Keys)
		})
	}
	s := sidesOf(t, everything, "", `trace.duration > 1s`, Limits{}, orders(24)...)
	assert.Equal(t, 6, tracesWith(s.B, "order", AnyValue), "ids are there or not")
	assert.Nil(t, find(s.B, valueOf("order", "o0")))
	assert.NotContains(t, s.B.Keys, "service.name")
}

// What the engine sums up for the values of a key, it sums up for the same values when all attributes are captured, weights included.
func TestCapturedAttributesAreSummedUpAlike(t *testing.T) {
	list := orders(24)
	for _, td := range list {
		for i, rs := range td.ResourceSpans().All() {
			rs.Resource().Attributes().PutStr("tenant", "of the resource")
			if i == 0 {
				rs.ScopeSpans().At(0).Spans().At(0).TraceState().FromRaw("ot=th:8")
			}
		}
	}
	q := every(t, "q", "*", "tenant", "http.route")
	want, err := Replay(q, Limits{}, epoch, epoch.Add(time.Minute), batches(list...))
	require.NoError(t, err)
	s := sidesOf(t, q, "", "*", Limits{}, list...)
	compared := 0
	for _, g := range want.Groups {
		got := find(s.B, g.Identity)
		require.NotNil(t, got, g.Identity)
		have, sum := got.Sum(), g.Sum()
		assert.Equal(t, []uint32{sum.Spans, sum.Traces, sum.ErrorTraces}, []uint32{have.Spans, have.Traces, have.ErrorTraces}, g.Identity)
		assert.InDeltaSlice(t, []float64{sum.Weight, sum.TraceWeight, sum.TraceWeight2, sum.LogDuration, sum.ErrorTrace},
			[]float64{have.Weight, have.TraceWeight, have.TraceWeight2, have.LogDuration, have.ErrorTrace}, 1e-6, g.Identity)
		assert.Len(t, got.Slices, len(g.Slices))
		if g.Kind == snapshot.Attribute {
			compared++
		}
	}
	assert.Equal(t, 5, compared)
	assert.Equal(t, want.Coverage, s.B.Coverage)
	assert.Zero(t, s.A.Coverage.Traces)
}

// Values beyond the limit go to one group, on both sides; hostile ones are made fit to be shown.
func TestSidesAreBounded(t *testing.T) {
	var list []ptrace.Traces
	for i := range 60 {
		spans := request(i+1, time.Duration(i)*time.Second/2)
		spans[0].attributes = map[string]any{"many": fmt.Sprint("v", i%20), "evil\x1b[31m": "<script>\x00" + strconv.Itoa(i%2)}
		list = append(list, tracesOf(spans...))
	}
	s := sidesOf(t, every(t, "q", "*"), "", `many IN ("v1", "v2", "v3")`, Limits{ValuesPerKey: 5}, list...)
	values := 0
	for _, g := range s.A.Groups {
		if g.Key == "many" {
			values++
		}
	}
	assert.Equal(t, 3, values, "v0 and v4, and all others")
	assert.Equal(t, 45, tracesWith(s.A, "many", snapshot.OverflowValue))
	assert.Positive(t, s.A.Coverage.Overflow)
	assert.Equal(t, 3, tracesWith(s.B, "many", "v2"))
	assert.Equal(t, 3, tracesWith(s.B, "evil\uFFFD[31m", "<script>\uFFFD0"))
}
