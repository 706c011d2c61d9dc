package tracebuffer

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// spanNamed appends a span with this name under one resource and scope.
func spanNamed(b *Buffer, t *Trace, name string) {
	rs := ptrace.NewTraces().ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	sp := ss.Spans().AppendEmpty()
	sp.SetName(name)
	var r, s Group
	r.SetResource(rs)
	s.SetScope(ss)
	b.Append(t, headerOf(sp), b.Resource(&r), b.Scope(&s), sp)
}

func namesOf(b *Buffer, t *Trace) (names []string) {
	td := ptrace.NewTraces()
	b.decodeAll(t, [16]byte{1}, td.ResourceSpans(), func(sp ptrace.Span) { names = append(names, sp.Name()) })
	return names
}

// fill appends spans with names that are each seen twice, until the dictionary has turned n times or refuses.
func fill(b *Buffer, t *Trace, from, generations int) (next int) {
	until := b.generations.current.sequence + uint32(generations)
	for b.generations.current.sequence < until && from < 1e6 {
		for range 2 {
			spanNamed(b, t, fmt.Sprintf("a name of some length %d", from))
		}
		from++
	}
	return from
}

// A generation lives as long as a trace may refer to it, and is gone afterwards.
func TestGenerationsAreReleasedInOrder(t *testing.T) {
	b := New(Options{DictionaryBytes: 256 << 10})
	defer b.Close()
	var traces [4]Trace
	next := 0
	for i := range traces {
		spanNamed(b, &traces[i], "first")
		next = fill(b, &traces[i], next, 1)
	}
	require.Equal(t, uint32(5), b.generations.current.sequence)
	require.Equal(t, uint32(1), b.generations.oldest)

	b.Free(&traces[1])
	require.Equal(t, uint32(1), b.generations.oldest, "the second generation waits for the first")
	b.Free(&traces[0])
	require.Equal(t, uint32(3), b.generations.oldest)
	require.Equal(t, "first", namesOf(b, &traces[3])[0])
	b.Free(&traces[3])
	require.Equal(t, uint32(3), b.generations.oldest)
	b.Free(&traces[2])
	checkEmpty(t, b)
}

// While an old trace holds on to its generation, the dictionary stops at its cap; when the trace goes, it goes on.
func TestFullDictionaryStoresRaw(t *testing.T) {
	const limit = 256 << 10
	b := New(Options{DictionaryBytes: limit})
	defer b.Close()
	var old, young Trace
	spanNamed(b, &old, "old")
	next := fill(b, &young, 0, maxGenerations-1)
	require.Equal(t, uint32(1), b.generations.oldest)
	for range 20000 { // far more than is left
		spanNamed(b, &young, fmt.Sprintf("a name of some length %d", next))
		spanNamed(b, &young, fmt.Sprintf("a name of some length %d", next))
		next++
	}
	require.Equal(t, uint32(maxGenerations), b.generations.current.sequence)
	require.LessOrEqual(t, b.generations.bytes(), int64(limit+2*doorSlots))
	names := namesOf(b, &young)
	require.Equal(t, fmt.Sprintf("a name of some length %d", next-1), names[len(names)-1])

	b.Free(&old)
	b.Free(&young)
	var fresh Trace
	spanNamed(b, &fresh, "fresh")
	require.Equal(t, uint32(maxGenerations+1), b.generations.current.sequence)
	b.Free(&fresh)
	checkEmpty(t, b)
}

// Names, keys and values that come once are not taken in: they would fill the dictionary.
func TestUniqueStringsStayOut(t *testing.T) {
	b := New(Options{})
	defer b.Close()
	var tr Trace
	for i := range 2000 {
		spanNamed(b, &tr, fmt.Sprintf("a name of some length %d", i))
	}
	// Two groups, and the few whose mark in the doorkeeper is another's.
	require.Less(t, len(b.generations.current.entries), 20)
}

// A Ref outlives the generation that it was made in.
func TestRefOfAnOlderGeneration(t *testing.T) {
	b := New(Options{DictionaryBytes: 256 << 10})
	defer b.Close()
	rs := ptrace.NewTraces().ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "cart")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("scope")
	var r, s Group
	r.SetResource(rs)
	s.SetScope(ss)
	resource, scope := b.Resource(&r), b.Scope(&s)
	var filler, tr Trace
	fill(b, &filler, 0, maxGenerations-1)
	b.Free(&filler)
	require.Equal(t, b.generations.current.sequence, b.generations.oldest)
	sp := ss.Spans().AppendEmpty()
	sp.SetName("span")
	b.Append(&tr, headerOf(sp), resource, scope, sp)
	td := ptrace.NewTraces()
	b.decodeAll(&tr, sp.TraceID(), td.ResourceSpans(), nil)
	want := ptrace.NewTraces()
	rs.CopyTo(want.ResourceSpans().AppendEmpty())
	requireSame(t, canon(t, want), canon(t, td))
}

// With no room in the dictionary, a resource is written once for a run of spans, not once a span.
func TestRawGroupsOnceARun(t *testing.T) {
	b := New(Options{DictionaryBytes: 1})
	defer b.Close()
	rs := ptrace.NewTraces().ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("long", string(make([]byte, 1000)))
	ss := rs.ScopeSpans().AppendEmpty()
	sp := ss.Spans().AppendEmpty()
	var r, s Group
	r.SetResource(rs)
	s.SetScope(ss)
	resource, scope := b.Resource(&r), b.Scope(&s)
	var tr Trace
	for range 100 {
		b.Append(&tr, headerOf(sp), resource, scope, sp)
	}
	require.Less(t, tr.Bytes(), 100*60)
	td := ptrace.NewTraces()
	b.decodeAll(&tr, sp.TraceID(), td.ResourceSpans(), nil)
	require.Equal(t, 1, td.ResourceSpans().Len())
	require.Equal(t, 100, td.SpanCount())
}
