package tailsampling

import (
	"encoding/binary"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/journal"
	"github.com/assayhq/assay/internal/tracebuffer"
)

// compactor copies traces to the end of the journal: those that hold its oldest segments, where it takes too much room, and those of which
// something is missing, when it can be written to again. A pass goes over all traces, a little at each step.
type compactor struct {
	assembly *assembly
	pass     bool
	whole    bool   // the pass makes the journal whole
	before   uint32 // segments below are to be free
	shard    int
	slot     uint32

	buffer  *tracebuffer.Buffer
	excerpt tracebuffer.Excerpt
	records []byte
	copied  []copied
	total   int64 // bytes that were written
}

// copied is a trace whose copy waits to be written.
type copied struct {
	slot    uint32
	number  uint64
	bytes   int
	segment uint32
}

// The journal may take journalFactor times what is still needed, and journalSlack segments.
const (
	journalFactor = 4
	journalSlack  = 4
	// What a step copies, and looks at, at most: the deciding goroutine has other things to do.
	copyBytes = 1 << 20
	copySlots = 1 << 14
)

// restore begins a pass that makes the journal whole.
func (c *compactor) restore() { c.pass, c.whole, c.before, c.shard, c.slot = true, true, 0, 0, 0 }

// step goes on with a pass, or begins one where it is needed.
func (c *compactor) step(l *ledger) {
	if !c.pass && !c.begin(l) {
		return
	}
	budget := copyBytes
	for looked := 0; budget > 0 && looked < copySlots; {
		if c.shard == len(l.shards) {
			c.end(l)
			return
		}
		n, err := c.some(l, l.shards[c.shard], &looked)
		if err != nil {
			l.fail(err)
			c.pass = false
			return
		}
		budget -= n
	}
}

// begin decides whether a pass is needed.
func (c *compactor) begin(l *ledger) bool {
	oldest, segments := l.journal.Oldest()
	bytes, live := l.journal.Bytes(), l.live.Load()
	if segments <= journalSlack {
		return false
	}
	each := bytes / int64(segments)
	switch {
	case bytes > journalFactor*live+journalSlack*each:
	case l.journal.Crowded() && live < bytes*3/4:
	default:
		return false
	}
	c.pass, c.whole, c.shard, c.slot = true, false, 0, 0
	c.before = oldest + uint32(max(1, segments/8))
	return true
}

// end is for when all traces were looked at.
func (c *compactor) end(l *ledger) {
	c.pass = false
	l.journal.Reclaim()
	if c.whole && l.on.Load() {
		l.state.CompareAndSwap(int32(JournalPartial), int32(JournalWhole))
	}
}

// some copies the next traces of a shard, at most a little more than maxCopy bytes, and returns how many bytes.
func (c *compactor) some(l *ledger, s *shard, looked *int) (bytes int, err error) {
	s.Lock()
	defer s.Unlock()
	c.records, c.copied = c.records[:0], c.copied[:0]
	const maxCopy = 256 << 10
	for ; c.slot < s.Traces.Slots() && len(c.records) < maxCopy && *looked < copySlots; c.slot++ {
		*looked++
		t := s.Traces.At(c.slot)
		if t.Spans.Spans() > 0 && c.needed(l, t) {
			c.copy(l, s, t)
		}
	}
	if c.slot >= s.Traces.Slots() {
		c.shard, c.slot = c.shard+1, 0
	}
	if len(c.records) == 0 {
		return 0, nil
	}
	for i := range c.copied {
		c.copied[i].segment = l.journal.Pin()
	}
	if err := l.journal.AppendReserved(c.records); err != nil {
		for _, one := range c.copied {
			l.journal.Unpin(one.segment)
		}
		return 0, err
	}
	c.total += int64(len(c.records))
	for _, one := range c.copied {
		l.replace(s.Traces.At(one.slot), one)
	}
	if cap(c.records) > 4*maxCopy {
		c.records = nil
	}
	return len(c.records), nil
}

func (c *compactor) needed(l *ledger, t *trace) bool {
	w := &t.written
	return w.number != 0 && w.segment < c.before || c.whole && w.era != l.era.Load()
}

// replace makes the copy what the journal has of a trace.
func (l *ledger) replace(t *trace, one copied) {
	w := &t.written
	l.live.Add(int64(one.bytes) - int64(w.bytes))
	if w.number != 0 {
		l.journal.Unpin(w.segment)
		if t.has(manyNumbers) {
			l.mu.Lock()
			delete(l.more, w.number)
			l.mu.Unlock()
			t.clear(manyNumbers)
		}
	}
	*w = written{number: one.number, bytes: uint32(one.bytes), segment: one.segment, era: l.era.Load()}
}

// copy encodes a trace. The shard's lock is held.
func (c *compactor) copy(l *ledger, s *shard, t *trace) {
	if c.buffer == nil {
		c.buffer = tracebuffer.New(tracebuffer.Options{DictionaryBytes: 1 << 20})
	}
	one := copied{slot: c.slot, number: l.next.Add(1)}
	var from tracebuffer.Cursor
	for done := false; !done; {
		td := ptrace.NewTraces()
		done = s.Buffer.DecodeTo(tracebuffer.NewAssembly(td.ResourceSpans()), &from, &t.Spans, t.ID, decodePiece, nil)
		start := len(c.records)
		c.records = appendCopy(journal.Begin(c.records), l.wallOf(t.firstSeen), one.number)
		c.appendReplaced(l, t, done)
		c.encode(td, t, one.number)
		journal.End(c.records, start, recordCopy, td.SpanCount())
		one.bytes += len(c.records) - start
	}
	c.copied = append(c.copied, one)
}

// appendReplaced appends whether this is the last part, and to it the numbers that the copy replaces.
func (c *compactor) appendReplaced(l *ledger, t *trace, last bool) {
	at := len(c.records) + 1
	c.records = append(c.records, 0, 0, 0, 0, 0)
	if !last {
		return
	}
	c.records[at-1] = 1
	if t.written.number != 0 {
		c.records = binary.LittleEndian.AppendUint64(c.records, t.written.number)
	}
	if t.has(manyNumbers) {
		l.mu.Lock()
		for _, n := range l.more[t.written.number] {
			c.records = binary.LittleEndian.AppendUint64(c.records, n)
		}
		l.mu.Unlock()
	}
	binary.LittleEndian.PutUint32(c.records[at:], uint32((len(c.records)-at-4)/8))
}

// encode appends an excerpt of td, all of which is of one trace.
func (c *compactor) encode(td ptrace.Traces, t *trace, number uint64) {
	b := c.buffer
	b.Excerpt(&c.excerpt)
	var spans tracebuffer.Trace
	b.BeginPiece(&spans, t.ID, number)
	var resource, scope tracebuffer.Group
	for _, rs := range td.ResourceSpans().All() {
		resource.SetResource(rs)
		r := b.Resource(&resource)
		for _, ss := range rs.ScopeSpans().All() {
			scope.SetScope(ss)
			sc := b.Scope(&scope)
			for _, span := range ss.Spans().All() {
				b.Append(&spans, headerOf(span, 0), r, sc, span)
			}
		}
	}
	c.records, _ = b.EndExcerpt(c.records)
	b.Free(&spans)
}

func (c *compactor) close() {
	if c.buffer != nil {
		c.buffer.Close()
	}
}

// wallOf is a time of the engine's clock as the wall has it, and now as it is: where the wall's clock has leapt, ages stay right.
func (l *ledger) wallOf(at time.Duration) int64 {
	return l.clock.Wall().Add(at - l.clock.Now()).UnixNano()
}
