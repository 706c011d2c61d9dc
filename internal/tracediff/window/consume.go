package window

import (
	"encoding/binary"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/traceassembly"
	"github.com/assayhq/assay/internal/tracebuffer"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracestate"
)

// batch is the scratch of one Consume. Its caches of numbers outlive it.
type batch struct {
	traceassembly.Batch[spanRef]
	bytes  []byte // records
	text   []byte
	groups []spanGroup
	left   snapshot.Coverage

	epoch      uint32 // of the numbers below
	operations numbers[sentOperation]
	sources    numbers[sentSource]
}

// spanGroup is what spans share.
type spanGroup struct {
	resource ptrace.ResourceSpans
	scope    ptrace.ScopeSpans
	source   uint32
	values   []keyed // of the resource, where all attributes are captured
}

// spanRef is a span of the batch with its record.
type spanRef struct {
	span    ptrace.Span
	group   int32
	at, end int32 // of the record, in bytes
	header  tracebuffer.Header
}

// maxTraceSpans bounds what is buffered of one trace.
const maxTraceSpans = 1 << 17

// Consume takes in spans. It keeps nothing of td. Whatever they hold, it never fails but after Shutdown: what cannot be used
// shows in the coverage of the windows.
func (e *Engine) Consume(td ptrace.Traces) error {
	e.intake.RLock()
	defer e.intake.RUnlock()
	if e.closed {
		return ErrShutdown
	}
	p := e.plan.Load()
	e.stats.spans.Add(int64(td.SpanCount()))
	if len(p.queries) == 0 {
		return nil
	}
	b := e.batches.Get().(*batch)
	defer e.putBatch(b)
	e.readAll(b, p, td)
	now := e.clock.Now()
	for i, s := range e.shards {
		if refs := b.Of(i); len(refs) > 0 {
			e.buffer(s, b, refs, p, now)
		}
	}
	e.report(p, &b.left)
	e.relieve(now)
	return nil
}

// readAll makes a record of each span that can be used.
func (e *Engine) readAll(b *batch, p *plan, td ptrace.Traces) {
	if epoch := e.names.current(); b.epoch != epoch {
		b.operations.clear()
		b.sources.clear()
		b.epoch = epoch
	}
	earliest := uint64(max(0, p.earliest()))
	horizon := uint64(e.clock.Wall().Add(p.ahead).UnixNano())
	if e.cfg.replayEnd != 0 {
		horizon = uint64(e.cfg.replayEnd - 1)
	}
	for _, rs := range td.ResourceSpans().All() {
		source := e.source(b, rs.Resource().Attributes())
		var values []keyed
		if p.table != nil {
			values = p.table.resource(nil, rs.Resource().Attributes())
		}
		for _, ss := range rs.ScopeSpans().All() {
			b.groups = append(b.groups, spanGroup{rs, ss, source, values})
			for _, span := range ss.Spans().All() {
				start := uint64(span.StartTimestamp())
				switch {
				case span.TraceID().IsEmpty() || span.SpanID().IsEmpty():
					b.left.Invalid++
				case start == 0:
					b.left.Untimed++
				case start < earliest:
					b.left.Late++
				case start > horizon:
					b.left.Future++
				default:
					e.read(b, p, span)
				}
			}
		}
	}
}

// read makes the record of a span of the last group.
func (e *Engine) read(b *batch, p *plan, span ptrace.Span) {
	group := int32(len(b.groups) - 1)
	g := &b.groups[group]
	r := spanRef{span: span, group: group, header: tracebuffer.Header{
		SpanID: traceassembly.SpanID(span.SpanID()), ParentSpanID: traceassembly.SpanID(span.ParentSpanID()),
		Start: uint64(span.StartTimestamp()), Duration: int64(span.EndTimestamp() - span.StartTimestamp()),
		Operation: uint64(e.operation(b, g.source, span)),
	}}
	b.write(p, &r)
	b.Add(int(traceKey(span.TraceID())%uint64(len(e.shards))), r)
}

// write appends the record of a span under a plan.
func (b *batch) write(p *plan, r *spanRef) {
	g, span := &b.groups[r.group], r.span
	h := &r.header
	h.Flags = 0
	if span.Status().Code() == ptrace.StatusCodeError {
		h.Flags |= flagError
	}
	switch span.Kind() {
	case ptrace.SpanKindServer, ptrace.SpanKindConsumer:
		h.Flags |= flagServer
	case ptrace.SpanKindClient:
		h.Flags |= flagClient
	case ptrace.SpanKindProducer:
		h.Flags |= flagProducer
	}
	sampled := tracestate.Read(span.TraceState().AsRaw())
	if sampled.HasThreshold {
		h.Flags |= flagThreshold
	}
	m := p.match(g.resource, g.scope, span)
	r.at = int32(len(b.bytes))
	b.bytes = appendMatches(b.bytes, &m)
	if sampled.Threshold != 0 {
		h.Flags |= flagSampled
		b.bytes = binary.AppendUvarint(b.bytes, sampled.Threshold)
	}
	b.bytes = binary.AppendUvarint(b.bytes, uint64(g.source))
	if p.table != nil {
		b.bytes = p.table.append(b.bytes, g.values, span)
	}
	resource := g.resource.Resource().Attributes()
	for _, key := range p.columns {
		b.bytes = b.appendValue(b.bytes, key, resource, span)
	}
	r.end = int32(len(b.bytes))
}

// buffer puts the records of one shard's spans to their traces.
func (e *Engine) buffer(s *shard, b *batch, refs []int32, p *plan, now time.Duration) {
	s.Lock()
	defer s.Unlock()
	defer s.account(&e.buffers)
	var last pcommon.TraceID
	var t *buffered
	for _, n := range refs {
		r := &b.Spans[n]
		if id := r.span.TraceID(); t == nil || id != last { // spans of a trace often come in a row
			last, t = id, s.find(id, p, now)
		}
		if t == nil {
			b.left.Late++
			continue
		}
		if t.Spans.Spans() >= maxTraceSpans {
			b.left.Dropped++
			continue
		}
		if t.plan != p {
			b.write(t.plan, r)
		}
		t.start = min(t.start, int64(min(r.header.Start, 1<<63-1)))
		s.Added()
		s.Buffer.AppendRecord(&t.Spans, r.header, b.bytes[r.at:r.end])
	}
}

// report notes what was left out with every query: which of them its trace matches is not known.
func (e *Engine) report(p *plan, left *snapshot.Coverage) {
	if *left == (snapshot.Coverage{}) {
		return
	}
	e.stats.add(left)
	for i := range p.queries {
		p.queries[i].left(left)
	}
}

func (e *Engine) putBatch(b *batch) {
	b.Reset() // no pdata is kept
	clear(b.groups)
	b.groups, b.bytes, b.left = b.groups[:0], b.bytes[:0], snapshot.Coverage{}
	if cap(b.bytes) > 1<<22 {
		return // one large batch shall not stay
	}
	e.batches.Put(b)
}
