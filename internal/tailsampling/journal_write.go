package tailsampling

import (
	"encoding/binary"

	"github.com/assayhq/assay/internal/journal"
)

// keepRecords is how much memory is kept for the records of the next batch.
const keepRecords = 1 << 20

// writer makes a record of what one shard takes in. The shard's lock is held from begin to end.
type writer struct {
	*ledger // nil without a journal
	shard   *shard
	batch   *batch
	writing bool
	start   int // of the record
	spans   int // held by the shard, before
	last    *trace
}

// begin looks once whether the journal is written to: all spans that a shard takes in at a time are written, or none.
func (l *ledger) begin(s *shard, b *batch) writer {
	w := writer{ledger: l, shard: s, batch: b}
	if l == nil || b.found != nil || !l.on.Load() {
		return w
	}
	w.writing, w.start, w.spans = true, len(b.records), s.Spans()
	b.records = binary.LittleEndian.AppendUint64(journal.Begin(b.records), uint64(b.arrival))
	s.Buffer.Excerpt(&b.excerpt)
	return w
}

// enter goes on with spans of another trace.
func (w *writer) enter(t *trace) {
	switch {
	case w.ledger == nil:
	case w.batch.found != nil:
		w.batch.found.enter(w.ledger, t)
	case !w.writing:
		t.written.era = 0 // something is missing
	default:
		if t.written.number == 0 {
			w.number(t)
		}
		w.grow(w.shard.Buffer.BeginPiece(&t.Spans, t.ID, t.written.number))
		w.last = t
	}
}

// number makes a trace known to the journal.
func (l *ledger) number(t *trace) {
	t.written.number = l.next.Add(1)
	t.written.segment = l.journal.Pin()
	if t.Spans.Spans() == 0 {
		t.written.era = l.era.Load()
	}
}

// grow counts the bytes of the last piece.
func (w *writer) grow(bytes int) {
	if w.last != nil {
		w.last.written.bytes += uint32(bytes)
		w.live.Add(int64(bytes))
	}
}

// end completes the record, or takes it back where nothing was taken in.
func (w *writer) end() {
	if !w.writing {
		return
	}
	var last int
	b := w.batch
	b.records, last = w.shard.Buffer.EndExcerpt(b.records)
	if w.last == nil {
		b.records = b.records[:w.start]
		return
	}
	w.grow(last)
	journal.End(b.records, w.start, recordSpans, w.shard.Spans()-w.spans)
}

// append writes records. Where that fails, spans are in memory only from now on.
func (l *ledger) append(records []byte) bool {
	err := l.journal.Append(records)
	if err != nil {
		l.fail(err)
	}
	return err == nil
}

// unwritten notes that something of the batch's traces is not in the journal.
func (in *intake) unwritten(b *batch) {
	for i, s := range in.shards {
		s.Lock()
		for _, n := range b.Of(i) {
			if at, ok := s.Traces.Find(b.Spans[n].span.TraceID()); ok {
				s.Traces.At(at).written.era = 0
			}
		}
		s.Unlock()
	}
}
