package rehearsal

import (
	"errors"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
)

// Store keeps spans as a backend does, and shows them through its lens.
type Store struct {
	Lens backend.Lens
	Once bool // a span is shown once, however often it is stored
	Down bool // it answers with errors
	Hung bool // it does not answer at all: errors come when the time for a question is over

	asked  int // questions that are under way
	traces map[pcommon.TraceID]ptrace.Traces
	older  map[pcommon.TraceID]ptrace.Traces
}

// NewStore makes an empty store. Tempo shows a span once, Jaeger as often as it was stored.
func NewStore(kind backend.Kind, lens backend.Lens) *Store {
	return &Store{Lens: lens, Once: kind == backend.KindTempo, traces: map[pcommon.TraceID]ptrace.Traces{}}
}

func (s *Store) add(td ptrace.Traces) {
	if td.SpanCount() == 0 {
		return
	}
	id := traceOf(td)
	all, ok := s.find(id)
	if !ok {
		all = ptrace.NewTraces()
		s.traces[id] = all
	}
	for _, rs := range td.ResourceSpans().All() {
		rs.CopyTo(all.ResourceSpans().AppendEmpty())
	}
}

// forget drops what is old: a store keeps traces for a while only.
func (s *Store) forget(most int) {
	if len(s.traces) > most {
		s.older, s.traces = s.traces, map[pcommon.TraceID]ptrace.Traces{}
	}
}

func (s *Store) find(id pcommon.TraceID) (ptrace.Traces, bool) {
	if td, ok := s.traces[id]; ok {
		return td, true
	}
	td, ok := s.older[id]
	return td, ok
}

// Lookup answers as a backend does.
func (s *Store) Lookup(id pcommon.TraceID) (backend.Answer, error) {
	if s.Down {
		return backend.Answer{}, errors.New("503 Service Unavailable")
	}
	td, ok := s.find(id)
	if !ok {
		return backend.Answer{}, nil
	}
	shown := ptrace.NewTraces()
	td.CopyTo(shown)
	if s.Once {
		once(shown)
	}
	eachSpan(shown, s.show)
	return backend.Answer{Found: true, Traces: shown}, nil
}

// once removes spans that are there already.
func once(td ptrace.Traces) {
	seen := map[pcommon.SpanID]bool{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			ss.Spans().RemoveIf(func(span ptrace.Span) bool {
				again := seen[span.SpanID()]
				seen[span.SpanID()] = true
				return again
			})
		}
	}
}

// show takes from a span what the store may lose, but for bytes, so that a change of them is seen, and adds its marks.
func (s *Store) show(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) {
	if s.Lens.Flags {
		span.SetFlags(0)
	}
	if s.Lens.SchemaURL {
		rs.SetSchemaUrl("")
		ss.SetSchemaUrl("")
	}
	if s.Lens.ScopeAttrs {
		ss.Scope().Attributes().Clear()
	}
	if s.Lens.Dropped {
		span.SetDroppedAttributesCount(0)
		span.SetDroppedEventsCount(0)
		span.SetDroppedLinksCount(0)
	}
	for _, mark := range s.Lens.Marks {
		rs.Resource().Attributes().PutStr(mark, "a mark")
		span.Attributes().PutStr(mark, "a mark")
	}
	if s.Lens.TextValues {
		flatten(rs.Resource().Attributes())
		flatten(span.Attributes())
	}
	span.SetStartTimestamp(s.cut(span.StartTimestamp()))
	span.SetEndTimestamp(s.cut(span.EndTimestamp()))
	for _, e := range span.Events().All() {
		e.SetTimestamp(s.cut(e.Timestamp()))
		if s.Lens.Dropped {
			e.SetDroppedAttributesCount(0)
		}
		if s.Lens.TextValues {
			flatten(e.Attributes())
		}
	}
	for _, l := range span.Links().All() {
		if s.Lens.LinkContent {
			l.Attributes().Clear()
			l.SetDroppedAttributesCount(0)
			l.TraceState().FromRaw("")
		}
		if s.Lens.Flags {
			l.SetFlags(0)
		}
		for _, mark := range s.Lens.Marks {
			l.Attributes().PutStr(mark, "a mark")
		}
	}
}

func (s *Store) cut(t pcommon.Timestamp) pcommon.Timestamp {
	if s.Lens.Resolution <= time.Nanosecond {
		return t
	}
	return t - t%pcommon.Timestamp(s.Lens.Resolution)
}

// flatten writes lists, maps and bytes as text.
func flatten(m pcommon.Map) {
	for _, v := range m.All() {
		switch v.Type() {
		case pcommon.ValueTypeSlice, pcommon.ValueTypeMap, pcommon.ValueTypeBytes:
			v.SetStr(v.AsString())
		}
	}
}
