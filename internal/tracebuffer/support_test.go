package tracebuffer

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// headerOf is what the sampler would put into the header, with an operation and flags that depend on the span.
func headerOf(s ptrace.Span) Header {
	id, parent := s.SpanID(), s.ParentSpanID()
	return Header{
		SpanID:       binary.BigEndian.Uint64(id[:]),
		ParentSpanID: binary.BigEndian.Uint64(parent[:]),
		Start:        uint64(s.StartTimestamp()),
		Duration:     int64(uint64(s.EndTimestamp()) - uint64(s.StartTimestamp())),
		Operation:    uint64(len(s.Name()))*0x9e3779b97f4a7c15 + uint64(s.Kind()),
		Flags:        uint8(s.Status().Code()) | uint8(s.Flags())<<2,
	}
}

// store is a Buffer and the traces in it, fed like the sampler feeds it.
type store struct {
	*Buffer
	traces map[pcommon.TraceID]*Trace
	order  []pcommon.TraceID
}

func newStore(t testing.TB, o Options) *store {
	s := &store{Buffer: New(o), traces: map[pcommon.TraceID]*Trace{}}
	t.Cleanup(s.Close)
	return s
}

func (s *store) add(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		var resource, scope Group
		resource.SetResource(rs)
		r := s.Resource(&resource)
		for _, ss := range rs.ScopeSpans().All() {
			scope.SetScope(ss)
			sc := s.Scope(&scope)
			for _, sp := range ss.Spans().All() {
				s.Append(s.trace(sp.TraceID()), headerOf(sp), r, sc, sp)
			}
		}
	}
}

func (s *store) trace(id pcommon.TraceID) *Trace {
	t := s.traces[id]
	if t == nil {
		t = &Trace{}
		s.traces[id] = t
		s.order = append(s.order, id)
	}
	return t
}

// decode appends the spans of a trace from the cursor on, at most so many, under ResourceSpans of their own.
func (b *Buffer) decode(c *Cursor, t *Trace, id pcommon.TraceID, dst ptrace.ResourceSpansSlice, maxSpans int, visit func(ptrace.Span)) bool {
	return b.DecodeTo(NewAssembly(dst), c, t, id, maxSpans, visit)
}

// decodeAll appends all spans of a trace.
func (b *Buffer) decodeAll(t *Trace, id pcommon.TraceID, dst ptrace.ResourceSpansSlice, visit func(ptrace.Span)) {
	b.decode(&Cursor{}, t, id, dst, t.Spans(), visit)
}

// decoded is all traces, one after the other.
func (s *store) decoded() ptrace.Traces {
	td := ptrace.NewTraces()
	for _, id := range s.order {
		s.decodeAll(s.traces[id], id, td.ResourceSpans(), nil)
	}
	return td
}

// canon brings traces into a form that does not depend on grouping: a protobuf message per span, with its resource and
// scope; spans of the same trace, resource and scope stay in the order in which they come.
func canon(t require.TestingT, td ptrace.Traces) []string {
	type keyed struct{ key, span string }
	var all []keyed
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			group := ptrace.NewTraces()
			to := group.ResourceSpans().AppendEmpty()
			rs.Resource().CopyTo(to.Resource())
			to.SetSchemaUrl(rs.SchemaUrl())
			scope := to.ScopeSpans().AppendEmpty()
			ss.Scope().CopyTo(scope.Scope())
			scope.SetSchemaUrl(ss.SchemaUrl())
			key := marshalled(t, group)
			for _, sp := range ss.Spans().All() {
				one := ptrace.NewTraces()
				sp.CopyTo(one.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty())
				id := sp.TraceID()
				all = append(all, keyed{string(id[:]) + key, key + marshalled(t, one)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	spans := make([]string, len(all))
	for i := range all {
		spans[i] = all[i].span
	}
	return spans
}

func marshalled(t require.TestingT, td ptrace.Traces) string {
	b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return string(b)
}

// requireSame compares two canonical forms; a difference is shown as JSON, because protobuf says little.
func requireSame(t require.TestingT, want, got []string) {
	require.Len(t, got, len(want))
	for i := range want {
		if want[i] != got[i] {
			require.Equal(t, readable(t, want[i]), readable(t, got[i]), "span %d", i)
			require.Equal(t, want[i], got[i], "span %d", i)
		}
	}
}

func readable(t require.TestingT, span string) string {
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces([]byte(span))
	require.NoError(t, err)
	b, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return string(b)
}

// copied is td by way of protobuf, so that it shares nothing.
func copied(t require.TestingT, td ptrace.Traces) ptrace.Traces {
	b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	td, err = (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(b)
	require.NoError(t, err)
	return td
}

// recorded reads a file of recorded traces, one batch per line.
func recorded(t testing.TB, path string) (batches []ptrace.Traces) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := zstd.NewReader(f)
	require.NoError(t, err)
	defer z.Close()
	lines := newLines(z)
	for lines.Scan() {
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(lines.Bytes())
		require.NoError(t, err)
		batches = append(batches, td)
	}
	require.NoError(t, lines.Err())
	return batches
}
