package tracebuffer

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/test/spanbatch"
)

// model is what a Buffer should hold: plain copies.
type model struct {
	traces map[pcommon.TraceID]ptrace.Traces // a ResourceSpans for each span, in the order of arrival
}

// TestModel interleaves batches, reads and frees over a few traces and compares the Buffer with plain copies after every
// step.
func TestModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &store{traces: map[pcommon.TraceID]*Trace{}}
		s.Buffer = New(Options{DictionaryBytes: rapid.SampledFrom(dictionarySizes).Draw(r, "dictionary")})
		defer s.Close()
		m := model{traces: map[pcommon.TraceID]ptrace.Traces{}}
		r.Repeat(map[string]func(*rapid.T){
			"append": func(r *rapid.T) {
				td := anyTraces.Draw(r, "traces")
				s.add(copied(r, td))
				m.add(td)
			},
			"append many": func(r *rapid.T) {
				td := spanbatch.New(rapid.Uint64Range(0, 5).Draw(r, "seed"), 3, rapid.IntRange(1, 60).Draw(r, "spans"))
				s.add(copied(r, td))
				m.add(td)
			},
			"free": func(r *rapid.T) {
				if len(s.order) == 0 {
					r.Skip("no trace")
				}
				i := rapid.IntRange(0, len(s.order)-1).Draw(r, "trace")
				id := s.order[i]
				s.Free(s.traces[id])
				require.Equal(r, Trace{}, *s.traces[id])
				delete(s.traces, id)
				delete(m.traces, id)
				s.order = slices.Delete(s.order, i, i+1)
			},
			"decode in pieces": func(r *rapid.T) {
				if len(s.order) == 0 {
					r.Skip("no trace")
				}
				id := rapid.SampledFrom(s.order).Draw(r, "trace")
				m.compare(r, id, s.pieces(id, rapid.IntRange(1, 7).Draw(r, "piece")))
			},
			"": func(r *rapid.T) { m.check(r, s) },
		})
		for _, id := range s.order {
			m.checkTrace(r, s, id)
			s.Free(s.traces[id])
		}
		checkEmpty(r, s.Buffer)
	})
}

// add splits td into its spans.
func (m *model) add(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				all, ok := m.traces[sp.TraceID()]
				if !ok {
					all = ptrace.NewTraces()
					m.traces[sp.TraceID()] = all
				}
				to := all.ResourceSpans().AppendEmpty()
				rs.Resource().CopyTo(to.Resource())
				to.SetSchemaUrl(rs.SchemaUrl())
				scope := to.ScopeSpans().AppendEmpty()
				ss.Scope().CopyTo(scope.Scope())
				scope.SetSchemaUrl(ss.SchemaUrl())
				sp.CopyTo(scope.Spans().AppendEmpty())
			}
		}
	}
}

func (m *model) compare(r *rapid.T, id pcommon.TraceID, got ptrace.Traces) {
	requireSame(r, canon(r, m.traces[id]), canon(r, got))
}

// check looks at all that is cheap to see, and at one trace as a whole.
func (m *model) check(r *rapid.T, s *store) {
	var blocks int64
	for id, tr := range s.traces {
		blocks += int64(tr.Bytes())
		require.Equal(r, m.traces[id].SpanCount(), tr.Spans())
	}
	require.GreaterOrEqual(r, s.Bytes(), blocks)
	require.LessOrEqual(r, s.generations.bytes(), int64(s.generations.share*maxGenerations+dictionaryFloor))
	if len(s.order) > 0 {
		m.checkTrace(r, s, rapid.SampledFrom(s.order).Draw(r, "checked"))
	}
}

func (m *model) checkTrace(r *rapid.T, s *store, id pcommon.TraceID) {
	tr, want := s.traces[id], m.traces[id]
	bytes := 0
	for ref := tr.first; ref != 0; {
		block := s.arena.block(ref)
		bytes += len(block)
		ref = blockRef(binary.LittleEndian.Uint32(block))
	}
	require.Equal(r, bytes, tr.Bytes())
	w := s.Headers(tr)
	for _, rs := range want.ResourceSpans().All() {
		require.True(r, w.Next())
		require.Equal(r, headerOf(rs.ScopeSpans().At(0).Spans().At(0)), w.Header)
		w.Header = Header{} // it is the caller's
	}
	require.False(r, w.Next())
	got := ptrace.NewTraces()
	visited := 0
	s.decodeAll(tr, id, got.ResourceSpans(), func(ptrace.Span) { visited++ })
	require.Equal(r, tr.Spans(), visited)
	m.compare(r, id, got)
}

// dictionaryFloor is what the dictionary takes however small its cap: the first tables and the doorkeeper.
const dictionaryFloor = maxGenerations*(minSlots*slotBytes+minSlots/2*entryBytes) + 2*doorSlots

// checkEmpty checks that nothing but the current generation of the dictionary is left.
func checkEmpty(t require.TestingT, b *Buffer) {
	require.Zero(t, b.arena.regions.inUse)
	require.Equal(t, b.generations.current.sequence, b.generations.oldest)
	require.Zero(t, b.generations.held)
	require.Zero(t, b.generations.current.traces)
	require.LessOrEqual(t, b.Bytes(), int64(b.generations.share+dictionaryFloor+4*slabBytes+keepStaged+1<<16))
}

// pieces decodes a trace n spans at a time into one message each.
func (s *store) pieces(id pcommon.TraceID, n int) ptrace.Traces {
	all := ptrace.NewTraces()
	var c Cursor
	for done := false; !done; {
		piece := ptrace.NewTraces()
		done = s.decode(&c, s.traces[id], id, piece.ResourceSpans(), n, nil)
		if piece.SpanCount() != n && !done {
			panic("a piece is short")
		}
		piece.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
	}
	return all
}
