package verify

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/tracestate"
)

// Observe takes what has arrived. Spans of others cost one look at their trace id.
func (v *Verifier) Observe(now Instant, td ptrace.Traces) {
	locked := false
	defer func() {
		if locked {
			v.mu.Unlock()
		}
	}()
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				id, ours := v.key.Open(span.TraceID())
				if !ours {
					continue
				}
				if !locked {
					locked = true
					v.mu.Lock()
					v.clock.advance(now)
				}
				v.observe(id, arrival{rs, ss, span})
			}
		}
	}
}

// observe takes one span with a trace id of ours.
func (v *Verifier) observe(id identity.TraceID, got arrival) {
	index, ours := v.key.OpenSpan(id, got.span.SpanID())
	if traffic.IsManifest(id) {
		if !ours || index != 0 {
			v.foreign++
			return
		}
		v.manifest(id, got)
		return
	}
	stream, ok := v.streams[id.Stream]
	switch {
	case !ours && (!ok || !stream.Has(id)):
		v.foreign++
		return
	case !ok:
		v.unexpected(nil, id, got, fmt.Sprintf("stream %d is not configured here", id.Stream))
		return
	}
	s := v.source(id)
	if s == nil {
		if ours {
			v.unexpected(nil, id, got, fmt.Sprintf("instance %d is not expected, or there are too many", id.Instance))
		}
		return
	}
	s.news = v.clock.awake
	_, known := s.slots[id.Slot]
	switch {
	case s.foreign != "" && (id.Slot >= s.since || !known), id.Slot < s.from && !known && v.fresh(s, id.Slot):
		return // nothing can be said of another configuration, and of what began before the start
	case !stream.Has(id):
		v.unexpected(s, id, got, "the stream has no such trace; is its configuration the same here?")
		return
	case !known && !v.fresh(s, id.Slot):
		if problem := v.stale(s, id.Slot); problem != "" && ours {
			v.unexpected(nil, id, got, problem)
		}
		return
	}
	v.enter(s, v.slot(s, id.Slot), id, index, ours, got)
}

// manifest takes a manifest that came through the pipeline.
func (v *Verifier) manifest(id identity.TraceID, got arrival) {
	m, err := traffic.ReadManifest(v.key, id, got.span)
	if err != nil {
		v.issue(Judgement{Verdict: Corrupt, Trace: id, Sealed: got.span.TraceID(), Fields: 1 << Attributes, Detail: "manifest: " + err.Error()})
		return
	}
	if problem := v.told(m, false); problem != "" {
		v.unexpected(nil, id, got, "manifest: "+problem)
		return
	}
	if s, ok := v.sources[sourceID{id.Instance, id.Stream}]; ok {
		if o, ok := s.slots[m.Slot]; ok {
			s.sighted(o, manifestThere)
		}
		s.passed = max(s.passed, min(v.clock.awake, s.timeline.awake(&v.clock, traffic.SlotStart(m.Slot+1))))
	}
	if v.config.Manifest != nil {
		v.config.Manifest(m)
	}
}

// enter notes a span that has arrived just now.
func (v *Verifier) enter(s *source, o *slot, id identity.TraceID, index uint32, ours bool, got arrival) {
	if o.full || !v.note(s, o, id, index, ours, got) {
		return
	}
	r := &o.records[id.Sequence]
	if r.whole() && r.delay == 0 {
		due := o.begins + s.stream.Complete(id).Sub(traffic.SlotStart(id.Slot))
		r.delay = max(1, milliseconds(v.clock.awake-due))
	}
	// A verdict is not revised for each span that comes after it, and for repeated ones only when the generator has been heard
	// again: perhaps it has begun again with a clock that was set back, and sends everything twice.
	revises := r.whole() && !r.repeated || r.verdict == SampledOut || r.verdict == GeneratorGap
	o.repeated = o.repeated || r.repeated
	if r.verdict == None && id.Sequence < o.due || r.verdict != None && revises {
		v.judge(s, o, id.Sequence, false)
	}
}

// note enters a span of a trace into the ledger, and says whether it belongs there.
func (v *Verifier) note(s *source, o *slot, id identity.TraceID, index uint32, ours bool, got arrival) bool {
	plan := v.plans.of(s.stream, id)
	r := &o.records[id.Sequence]
	var d difference
	if !ours {
		at, found := v.byContent(o, r, plan, got)
		if !found {
			v.foreign++
			return false
		}
		index = at
		d.add(SpanID, "must be %s, got %s", plan.SpanID(int(at)), got.span.SpanID())
	}
	if int(index) >= len(plan.Spans) {
		v.unexpected(s, id, got, fmt.Sprintf("the trace has %d spans, this is number %d", len(plan.Spans), index))
		return false
	}
	if r.spans == 0 {
		before := o.size()
		o.begin(r, len(plan.Spans))
		v.size += o.size() - before
		if v.config.Sampler != nil {
			r.weight = float32(tracestate.AdjustedCount(tracestate.Read(got.span.TraceState().AsRaw()).Threshold))
		}
	}
	s.newest = max(s.newest, o.number)
	r.repeated = o.set(r, index) || r.repeated
	if ours {
		d = v.compare.compare(plan, int(index), got)
	}
	r.fields |= d.fields
	if d.fields != 0 {
		o.note(id.Sequence, plan.Spans[index].Reference()+": "+d.detail)
	}
	return true
}

// byContent finds the span of the plan that has arrived under a wrong span id: it is not here yet, and is the same in
// everything else. A span of others in a trace of ours does not have our content.
func (v *Verifier) byContent(o *slot, r *record, plan *traffic.Trace, got arrival) (uint32, bool) {
	for i := range plan.Spans {
		off := plan.Begin.Add(plan.Spans[i].Start).Sub(got.span.StartTimestamp().AsTime()).Abs()
		if off > 2*v.config.Lens.Resolution || o.has(r, uint32(i)) {
			continue // too many spans to compare all of them
		}
		if d := v.compare.compare(plan, i, got); d.fields == 0 {
			return uint32(i), true
		}
	}
	return 0, false
}

// unexpected reports a span that is ours, and cannot be: once for all spans of a trace. Of a source whose configuration may turn
// out to be another, it is held; s is nil where that makes no difference.
func (v *Verifier) unexpected(s *source, id identity.TraceID, got arrival, why string) {
	if !v.strange.add(id) {
		return
	}
	j := Judgement{Verdict: Unexpected, Trace: id, Sealed: got.span.TraceID(), Detail: why}
	switch {
	case s == nil || !v.holds(s):
		v.issue(j)
	case len(s.held) < maxHeld:
		s.held = append(s.held, j)
	default:
		v.unjudged++
	}
}
