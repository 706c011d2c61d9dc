package tracebuffer

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/test/spanbatch"
)

// Spans of many traces in several Buffers come out under one ResourceSpans per resource, each in its own trace's order.
func TestAssemblyOverBuffers(t *testing.T) {
	stores := []*store{newStore(t, Options{}), newStore(t, Options{DictionaryBytes: 1})}
	all := ptrace.NewTraces()
	for i := range 6 {
		td := spanbatch.New(uint64(i), 3, 40)
		stores[i%2].add(td)
		td.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
	}
	got := ptrace.NewTraces()
	got.ResourceSpans().AppendEmpty().SetSchemaUrl("was there before")
	a := NewAssembly(got.ResourceSpans())
	for _, s := range stores {
		for _, id := range s.order {
			var c Cursor
			for !s.DecodeTo(a, &c, s.traces[id], id, 7, nil) {
				continue
			}
		}
	}
	require.Equal(t, 1+spanbatch.Services, got.ResourceSpans().Len())
	for i := range spanbatch.Services {
		require.Equal(t, 1, got.ResourceSpans().At(1+i).ScopeSpans().Len())
	}
	requireSame(t, canon(t, all), canon(t, got))
}

// A trace is decoded under one ResourceSpans per distinct resource and one ScopeSpans per distinct scope in it, however its
// spans came and whatever generations they refer to.
func TestDecodeGroupsProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := New(Options{DictionaryBytes: rapid.SampledFrom(dictionarySizes).Draw(r, "dictionary")})
		defer b.Close()
		s := &store{Buffer: b, traces: map[pcommon.TraceID]*Trace{}}
		td := anyTraces.Draw(r, "traces")
		for range rapid.IntRange(1, 4).Draw(r, "times") {
			s.add(td)
		}
		for id, tr := range s.traces {
			got := ptrace.NewTraces()
			b.decodeAll(tr, id, got.ResourceSpans(), nil)
			resources := map[string]bool{}
			for _, rs := range got.ResourceSpans().All() {
				group := ptrace.NewTraces()
				to := group.ResourceSpans().AppendEmpty()
				rs.Resource().CopyTo(to.Resource())
				to.SetSchemaUrl(rs.SchemaUrl())
				require.False(r, resources[marshalled(r, group)], "a resource came twice")
				resources[marshalled(r, group)] = true
				scopes := map[string]bool{}
				for _, ss := range rs.ScopeSpans().All() {
					require.NotZero(r, ss.Spans().Len())
					group := ptrace.NewTraces()
					to := group.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
					ss.Scope().CopyTo(to.Scope())
					to.SetSchemaUrl(ss.SchemaUrl())
					require.False(r, scopes[marshalled(r, group)], "a scope came twice")
					scopes[marshalled(r, group)] = true
				}
			}
		}
	})
}

func TestEmptyAndClosed(t *testing.T) {
	b := New(Options{})
	var tr Trace
	require.Zero(t, tr.Spans())
	require.Zero(t, tr.Bytes())
	w := b.Headers(&tr)
	require.False(t, w.Next())
	td := ptrace.NewTraces()
	b.decodeAll(&tr, pcommon.TraceID{}, td.ResourceSpans(), nil)
	require.Zero(t, td.ResourceSpans().Len())
	b.Free(&tr)
	require.Positive(t, b.Bytes())
	b.Close()
	require.Zero(t, b.Bytes())
	b.Close()
}
