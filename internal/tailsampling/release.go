package tailsampling

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// batchSpans is how many spans go to the next consumer at a time. A longer trace is sent whole all the same.
const batchSpans = 4096

// decodePiece is how many spans are decoded under one hold of the shard's lock, so that a long trace does not stop intake.
const decodePiece = 512

// unpack decodes parcels into one batch. They stay encoded until they are freed: whoever takes the batch may keep or change
// it, even when it then answers with an error, so every attempt needs a batch of its own.
func (e *Engine) unpack(parcels []parcel) ptrace.Traces {
	td := ptrace.NewTraces()
	batch := tracebuffer.NewAssembly(td.ResourceSpans())
	for i := range parcels {
		e.unpackOne(&parcels[i], batch)
	}
	return td
}

func (e *Engine) unpackOne(p *parcel, batch *tracebuffer.Assembly) {
	s := e.shards[p.shard]
	m := e.newMarker(s, p)
	var c tracebuffer.Cursor
	for done := false; !done; {
		s.mu.Lock()
		t := s.table.at(p.index)
		done = s.buffer.DecodeTo(batch, &c, &t.spans, t.id, decodePiece, m.visit)
		s.mu.Unlock()
	}
	m.markRoot()
}

// freeAll gives back what parcels hold.
func (e *Engine) freeAll(parcels []parcel) {
	for i := range parcels {
		s := e.shards[parcels[i].shard]
		s.mu.Lock()
		s.free(parcels[i].index)
		e.memory.account(s)
		s.mu.Unlock()
	}
}

// marker writes onto the spans of one kept trace what was decided about it.
type marker struct {
	engine    *Engine
	parcel    *parcel
	mark      otMark
	plain     string // tracestate of a span that came without
	raw       string // the last one that came, and what became of it: spans of a trace mostly share it
	marked    string
	first     ptrace.Span
	root      ptrace.Span
	seen, has bool // first and root are set
}

func (e *Engine) newMarker(s *shard, p *parcel) *marker {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.table.at(p.index)
	m := &marker{engine: e, parcel: p, mark: t.mark()}
	m.plain, _ = m.mark.write("")
	return m
}

func (m *marker) visit(span ptrace.Span) {
	if m.engine.cfg.DryRun {
		return
	}
	m.noteRoot(span)
	raw := span.TraceState().AsRaw()
	switch {
	case raw == "":
		span.TraceState().FromRaw(m.plain)
		return
	case raw != m.raw:
		m.raw, m.marked = raw, raw // one that cannot be parsed stays as it is
		if marked, err := m.mark.write(raw); err == nil {
			m.marked = marked
		}
	}
	span.TraceState().FromRaw(m.marked)
}

func (m *marker) noteRoot(span ptrace.Span) {
	if !m.seen {
		m.first, m.seen = span, true
	}
	if !m.has && span.ParentSpanID().IsEmpty() {
		m.root, m.has = span, true
	}
}

// markRoot sets the attributes on the root span, or the first where there is none. Late spans carry none: the root that
// went before them does.
func (m *marker) markRoot() {
	if m.engine.cfg.DryRun || m.parcel.late || !m.seen {
		return
	}
	span := m.first
	if m.has {
		span = m.root
	}
	names := &m.engine.cfg.Marks
	if names.Reason != "" {
		span.Attributes().PutStr(names.Reason, m.parcel.reason)
	}
	if names.Path != "" {
		span.Attributes().PutStr(names.Path, PathID(m.parcel.path))
	}
	if names.Probability != "" {
		span.Attributes().PutDouble(names.Probability, thresholdProbability(m.mark.threshold))
	}
}

// PathID is how a path is written: 16 hexadecimal digits.
func PathID[T ~uint64](p T) string { return fmt.Sprintf("%016x", uint64(p)) }

// releaseLate sends what has come after a kept trace. The shard's lock is held.
func (e *Engine) releaseLate(s *shard, at uint16, i uint32) {
	t := s.table.at(i)
	n := t.spans.Spans()
	s.detach(i)
	e.observer.Late(!t.has(shadow), n)
	e.outbox.put(parcel{shard: at, index: i, spans: n, late: true})
	e.outbox.flush()
}
