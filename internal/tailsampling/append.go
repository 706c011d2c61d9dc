package tailsampling

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/traceassembly"
	"github.com/assayhq/assay/internal/tracebuffer"
	"github.com/assayhq/assay/internal/tracesketch"
)

// consumeShard takes in the spans of one shard and returns how many of them were late for a trace that was dropped.
func (in *intake) consumeShard(s *shard, b *batch, refs []int32, now time.Duration) (late int) {
	b.visit++
	s.Lock()
	defer s.Unlock()
	defer in.account(s)
	w := in.ledger.begin(s, b)
	var t *trace
	var at uint32
	for _, n := range refs {
		r := &b.Spans[n]
		if b.set[r.resource] != b.visit {
			b.set[r.resource] = b.visit
			b.refs[r.resource] = s.Buffer.Resource(&b.resources[r.resource])
		}
		if b.scopeSet[r.scope] != b.visit {
			b.scopeSet[r.scope] = b.visit
			b.scopeRefs[r.scope] = s.Buffer.Scope(&b.scopes[r.scope])
		}
		id := r.span.TraceID()
		if t == nil || t.ID != id { // spans of a trace often come in a row
			if at, t = in.traceFor(s, id, now); t == nil {
				late++
				if in.cfg.Spans != nil {
					in.count(in.operation(s, &b.sources[r.resource], r.span), r.span)
				}
				continue
			}
			w.enter(t)
		}
		in.append(s, t, r, b)
		if t.LastSeen != now {
			in.touch(s, at, t, now)
		}
	}
	w.end()
	return late
}

// randomTraceFlag is the bit of a span's flags by which W3C trace context level 2 says that the low 56 bits of the id are random.
const randomTraceFlag = 0x2

// append encodes a span into its trace.
func (in *intake) append(s *shard, t *trace, r *spanRef, b *batch) {
	span := r.span
	op := in.operation(s, &b.sources[r.resource], span)
	if in.cfg.Spans != nil {
		in.count(op, span)
	}
	h := headerOf(span, op)
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
	if in.cfg.Budget.Unit == BytesPerSecond {
		t.wire += uint64(in.sizer.SpanSize(span))
	}
	s.Added()
	s.Buffer.Append(&t.Spans, h, b.refs[r.resource], b.scopeRefs[r.scope], span)
}

// headerOf is what of a span can be read without decoding it.
func headerOf(span ptrace.Span, op tracesketch.Operation) tracebuffer.Header {
	h := tracebuffer.Header{
		SpanID:       traceassembly.SpanID(span.SpanID()),
		ParentSpanID: traceassembly.SpanID(span.ParentSpanID()),
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
	return h
}

// count hands a span to whoever counts spans.
func (in *intake) count(op tracesketch.Operation, span ptrace.Span) {
	in.cfg.Spans.Count(op, span.Status().Code() == ptrace.StatusCodeError, time.Duration(span.EndTimestamp()-span.StartTimestamp()))
}

// traceFor finds the open trace of id or opens one. It returns nil for a late span of a dropped trace.
func (in *intake) traceFor(s *shard, id pcommon.TraceID, now time.Duration) (uint32, *trace) {
	if i, ok := s.Traces.Find(id); ok {
		return i, s.Traces.At(i)
	}
	key := in.key(id)
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
	s.wheel.schedule(i, now+in.cfg.Completion.MinWait)
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
func (in *intake) touch(s *shard, i uint32, t *trace, now time.Duration) {
	if now < t.LastSeen { // another batch, begun later, was faster
		return
	}
	if t.shape != none {
		s.gaps = append(s.gaps, gapEvent{class: t.shape, gap: now - t.LastSeen})
		t.shape = none
	}
	t.LastSeen = now
	if t.has(quiet) { // it was judged as it stood; look again
		t.clear(quiet)
		s.wheel.remove(i)
		s.wheel.schedule(i, min(now+in.cfg.Completion.MinWait, t.firstSeen+in.cfg.Completion.MaxWait))
	}
}
