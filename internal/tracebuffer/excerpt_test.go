package tracebuffer

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/test/spanbatch"
)

// addExcerpt is add with an excerpt of what is added.
func (s *store) addExcerpt(x *Excerpt, td ptrace.Traces) []byte {
	s.Buffer.Excerpt(x)
	var last *Trace
	for _, rs := range td.ResourceSpans().All() {
		var resource, scope Group
		resource.SetResource(rs)
		r := s.Resource(&resource)
		for _, ss := range rs.ScopeSpans().All() {
			scope.SetScope(ss)
			sc := s.Scope(&scope)
			for _, sp := range ss.Spans().All() {
				if t := s.trace(sp.TraceID()); t != last {
					last = t
					s.BeginPiece(t, sp.TraceID(), uint64(sp.TraceID()[0])+7)
				}
				s.Append(last, headerOf(sp), r, sc, sp)
			}
		}
	}
	excerpt, _ := s.EndExcerpt(nil)
	return excerpt
}

func readExcerpt(t require.TestingT, r *ExcerptReader, excerpt []byte, to *Assembly) {
	require.True(t, r.Open(excerpt))
	var p Piece
	for r.Next(&p) {
		require.Equal(t, uint64(p.TraceID[0])+7, p.Owner)
		require.Positive(t, p.Spans)
		require.True(t, r.Decode(to))
	}
	require.Empty(t, r.pieces)
}

// What excerpts hold is what was appended, whatever the dictionary holds, and also when the Buffer is gone; and the Buffer holds what it
// would hold without them.
func TestExcerptsAreWhole(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.SampledFrom(dictionarySizes).Draw(r, "dictionary")
		b := New(Options{DictionaryBytes: size})
		s := &store{Buffer: b, traces: map[pcommon.TraceID]*Trace{}}
		var x Excerpt
		var reader ExcerptReader
		defer reader.Close()
		all := ptrace.NewTraces()
		var excerpts [][]byte
		for range rapid.IntRange(1, 4).Draw(r, "batches") {
			td := anyTraces.Draw(r, "traces")
			if rapid.Bool().Draw(r, "without") {
				s.add(td) // also between two batches with one
			}
			excerpts = append(excerpts, s.addExcerpt(&x, td))
			for _, rs := range td.ResourceSpans().All() {
				rs.CopyTo(all.ResourceSpans().AppendEmpty())
			}
		}
		b.Close()
		got := ptrace.NewTraces()
		to := NewAssembly(got.ResourceSpans())
		for _, e := range excerpts {
			readExcerpt(r, &reader, e, to)
		}
		requireSame(r, canon(r, all), canon(r, got))
	})
}

// Bytes that are no excerpt are refused, and do not stop the reader.
func FuzzExcerpt(f *testing.F) {
	s := &store{Buffer: New(Options{}), traces: map[pcommon.TraceID]*Trace{}}
	defer s.Close()
	var x Excerpt
	for n := range uint64(3) {
		f.Add(s.addExcerpt(&x, spanbatch.New(n, 1, 3)))
	}
	good := s.addExcerpt(&x, spanbatch.New(9, 2, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r ExcerptReader
		defer r.Close()
		if r.Open(data) {
			var p Piece
			for r.Next(&p) {
				if p.Spans > 1<<16 {
					r.Skip()
					continue
				}
				r.Decode(NewAssembly(ptrace.NewResourceSpansSlice()))
			}
		}
		got := ptrace.NewTraces()
		readExcerpt(t, &r, good, NewAssembly(got.ResourceSpans()))
		require.Equal(t, 6, got.SpanCount())
	})
}
