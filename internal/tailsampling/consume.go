package tailsampling

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracebuffer"
	"github.com/assayhq/assay/internal/tracesketch"
)

// ErrFull is returned by Consume while the memory limit leaves no room. The caller may try again.
var ErrFull = errors.New("smart_tail_sampling: memory limit reached and the next consumer does not keep up; try again")

// ErrShutdown is returned by Consume after Shutdown. The caller may try again, elsewhere.
var ErrShutdown = errors.New("smart_tail_sampling: shutting down")

// spanRef locates a span in the batch.
type spanRef struct {
	span     ptrace.Span
	resource int32 // index of its group in the batch
	scope    int32
	rule     int16
	whole    uint64 // rules on the whole trace, see WholeMatcher
}

// batch is the scratch of one Consume.
type batch struct {
	resources []tracebuffer.Group
	scopes    []tracebuffer.Group
	sources   []source
	spans     []spanRef
	byShard   [][]int32 // indices of spans
	refs      []tracebuffer.Ref
	scopeRefs []tracebuffer.Ref
	set       []uint32 // for which visit a ref is valid
	scopeSet  []uint32
	visit     uint32
	raw       string  // tracestate of the span before
	state     sampled // what it says
}

// Consume takes in a batch. It keeps nothing of td. It returns nil only for what it has taken in.
func (e *Engine) Consume(ctx context.Context, td ptrace.Traces) error {
	if td.SpanCount() == 0 {
		return nil
	}
	if err := e.memory.wait(ctx); err != nil {
		e.observer.Refused(td.SpanCount())
		return err
	}
	e.intake.RLock() // Shutdown waits for batches on their way
	defer e.intake.RUnlock()
	if e.closed {
		e.observer.Refused(td.SpanCount())
		return ErrShutdown
	}
	b := e.batches.Get().(*batch)
	defer e.putBatch(b)
	e.split(b, td)
	now := e.now()
	for i, refs := range b.byShard {
		if len(refs) > 0 {
			if late := e.consumeShard(e.shards[i], b, refs, now); late > 0 {
				e.observer.Late(false, late)
			}
		}
	}
	return nil
}

// split finds the shard, the groups and the rule of every span.
func (e *Engine) split(b *batch, td ptrace.Traces) {
	invalid := 0
	var last pcommon.TraceID
	at := 0
	for i := range td.ResourceSpans().Len() {
		rs := td.ResourceSpans().At(i)
		resource := int32(len(b.sources))
		b.sources = append(b.sources, e.newSource(rs.Resource().Attributes()))
		grow(&b.resources, len(b.sources))
		b.resources[resource].SetResource(rs)
		for j := range rs.ScopeSpans().Len() {
			ss := rs.ScopeSpans().At(j)
			grow(&b.scopes, len(b.scopes)+1)
			scope := int32(len(b.scopes) - 1)
			b.scopes[scope].SetScope(ss)
			for k := range ss.Spans().Len() {
				span := ss.Spans().At(k)
				id := span.TraceID()
				if id.IsEmpty() && !e.cfg.DryRun { // a dry run forwards everything
					invalid++
					continue
				}
				rule, whole := noRule, uint64(0)
				if e.cfg.Matcher != nil {
					rule = int16(e.cfg.Matcher.Match(rs, ss, span))
					if e.whole != nil {
						whole = e.whole.MatchWhole(rs, ss, span)
					}
				}
				if id != last || len(b.spans) == 0 {
					last, at = id, e.shardOf(id)
				}
				b.byShard[at] = append(b.byShard[at], int32(len(b.spans)))
				b.spans = append(b.spans, spanRef{span: span, resource: resource, scope: scope, rule: rule, whole: whole})
			}
		}
	}
	if invalid > 0 {
		e.observer.Lost(LostInvalidTraceID, invalid)
	}
	b.refs = resized(b.refs, len(b.sources))
	b.set = resized(b.set, len(b.sources))
	b.scopeRefs = resized(b.scopeRefs, len(b.scopes))
	b.scopeSet = resized(b.scopeSet, len(b.scopes))
}

// consumeShard takes in the spans of one shard and returns how many of them were late for a trace that was dropped.
func (e *Engine) consumeShard(s *shard, b *batch, refs []int32, now time.Duration) (late int) {
	b.visit++
	s.mu.Lock()
	defer s.mu.Unlock()
	defer e.memory.account(s)
	var t *trace
	var at uint32
	for _, n := range refs {
		r := &b.spans[n]
		if b.set[r.resource] != b.visit {
			b.set[r.resource] = b.visit
			b.refs[r.resource] = s.buffer.Resource(&b.resources[r.resource])
		}
		if b.scopeSet[r.scope] != b.visit {
			b.scopeSet[r.scope] = b.visit
			b.scopeRefs[r.scope] = s.buffer.Scope(&b.scopes[r.scope])
		}
		id := r.span.TraceID()
		if t == nil || t.id != id { // spans of a trace often come in a row
			if at, t = e.traceFor(s, id, now); t == nil {
				late++
				if e.cfg.Spans != nil {
					e.count(e.operation(s, &b.sources[r.resource], r.span), r.span)
				}
				continue
			}
		}
		e.append(s, t, r, b)
		if t.lastSeen != now {
			e.touch(s, at, t, now)
		}
	}
	return late
}

// randomTraceFlag is the bit of a span's flags by which W3C trace context level 2 says that the low 56 bits of the id are random.
const randomTraceFlag = 0x2

// append encodes a span into its trace.
func (e *Engine) append(s *shard, t *trace, r *spanRef, b *batch) {
	span := r.span
	op := e.operation(s, &b.sources[r.resource], span)
	if e.cfg.Spans != nil {
		e.count(op, span)
	}
	h := tracebuffer.Header{
		SpanID:       idBits(span.SpanID()),
		ParentSpanID: idBits(span.ParentSpanID()),
		Start:        uint64(span.StartTimestamp()),
		Duration:     int64(span.EndTimestamp() - span.StartTimestamp()),
		Operation:    uint64(op),
	}
	if span.Status().Code() == ptrace.StatusCodeError {
		h.Flags |= tracesketch.FlagError
	}
	if k := span.Kind(); k == ptrace.SpanKindServer || k == ptrace.SpanKindConsumer {
		h.Flags |= tracesketch.FlagServer
	}
	if span.Flags()&randomTraceFlag != 0 && !t.has(due|lateSpans) { // once it is judged, the trace has its randomness
		t.set(randomID)
	}
	if raw := span.TraceState().AsRaw(); raw != "" {
		if raw != b.raw { // spans of a trace mostly share it
			b.raw, b.state = raw, readTraceState(raw)
		}
		t.note(b.state)
	} else {
		t.noteUnsampled()
	}
	if r.rule >= 0 && (t.rule < 0 || r.rule < t.rule) {
		t.rule = r.rule
	}
	t.whole |= r.whole
	if e.cfg.Budget.Unit == BytesPerSecond {
		t.wire += uint64(e.sizer.SpanSize(span))
	}
	s.spans++
	s.buffer.Append(&t.spans, h, b.refs[r.resource], b.scopeRefs[r.scope], span)
}

// count hands a span to whoever counts spans.
func (e *Engine) count(op tracesketch.Operation, span ptrace.Span) {
	e.cfg.Spans.Count(op, span.Status().Code() == ptrace.StatusCodeError, time.Duration(span.EndTimestamp()-span.StartTimestamp()))
}

// traceFor finds the open trace of id or opens one. It returns nil for a late span of a dropped trace.
func (e *Engine) traceFor(s *shard, id pcommon.TraceID, now time.Duration) (uint32, *trace) {
	if i, ok := s.index[id]; ok {
		return i, s.table.at(i)
	}
	key := hashTraceID(e.seed, id)
	if v, ok := s.dropped.get(key); ok {
		s.noteLate(&s.dropped, key, v, now)
		return none, nil
	}
	v, late := s.kept.get(key)
	i, t := s.open(id, now)
	if late {
		s.noteLate(&s.kept, key, v, now)
		t.resume(v)
	}
	s.wheel.schedule(i, now+e.cfg.Completion.MinWait)
	return i, t
}

// noteLate hands the gap before a late span to the learner, once per decision.
func (s *shard) noteLate(c *decisionCache, key uint64, v verdict, now time.Duration) {
	if v.shape != none && now > v.last {
		s.gaps = append(s.gaps, gapEvent{class: v.shape, gap: now - v.last})
		c.unwatch(key, v)
	}
}

// touch notes that a trace which was quiet has gone on.
func (e *Engine) touch(s *shard, i uint32, t *trace, now time.Duration) {
	if now < t.lastSeen { // another batch, begun later, was faster
		return
	}
	if t.shape != none {
		s.gaps = append(s.gaps, gapEvent{class: t.shape, gap: now - t.lastSeen})
		t.shape = none
	}
	t.lastSeen = now
	if t.has(settled) { // it was judged as it stood; look again
		t.clear(settled)
		s.wheel.remove(i)
		s.wheel.schedule(i, min(now+e.cfg.Completion.MinWait, t.firstSeen+e.cfg.Completion.MaxWait))
	}
}

func (e *Engine) putBatch(b *batch) {
	clear(b.spans) // no pdata is kept
	b.raw = ""
	clear(b.sources)
	b.spans, b.sources = b.spans[:0], b.sources[:0]
	b.resources, b.scopes = b.resources[:0], b.scopes[:0]
	for i := range b.byShard {
		b.byShard[i] = b.byShard[i][:0]
	}
	e.batches.Put(b)
}

// newBatches pools the scratch of Consume.
func newBatches(shards int) sync.Pool {
	return sync.Pool{New: func() any { return &batch{byShard: make([][]int32, shards)} }}
}

// grow extends s to n elements, and keeps what the new ones hold: Groups reuse their memory.
func grow[T any](s *[]T, n int) {
	for cap(*s) < n {
		*s = append((*s)[:cap(*s)], *new(T))
	}
	*s = (*s)[:n]
}

func resized[T any](s []T, n int) []T {
	grow(&s, n)
	return s
}

func idBits(id pcommon.SpanID) uint64 {
	return uint64(id[0])<<56 | uint64(id[1])<<48 | uint64(id[2])<<40 | uint64(id[3])<<32 |
		uint64(id[4])<<24 | uint64(id[5])<<16 | uint64(id[6])<<8 | uint64(id[7])
}
