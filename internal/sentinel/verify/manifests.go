package verify

import (
	"time"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Behind a sampler whose decisions cannot be foreseen, a trace that a backend does not have says nothing, and nor do many: all might be
// lost. But a rule keeps the manifests, so the backend is asked for them, too:
//
//	slot ──▶ its manifest is sent ── late_after ──▶ asked for, once ──▶ there, or one more in a row that is absent

// ManifestQuestions returns the manifests that are to be looked up now, at most so many. Each must be answered by a call of Answer.
// Where it is known of each trace whether it must be there, there are none.
func (v *Verifier) ManifestQuestions(now Instant, most int) []Question {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock.advance(now)
	if v.config.Lookup == 0 || v.foreseen() {
		return nil
	}
	var due []Question
	for _, s := range v.sources {
		slot, ok := v.manifestDue(s)
		if !ok || len(due) == most {
			continue
		}
		s.sought = slot
		id := identity.TraceID{Instance: s.instance, Stream: s.stream.Config().Number, Slot: slot, Sequence: traffic.ManifestSequence}
		due = append(due, Question{Trace: id, Question: backend.Question{
			ID: v.key.Seal(id), From: traffic.SlotStart(slot).Add(-margin), To: traffic.SlotStart(slot + 1).Add(v.config.LostAfter + margin),
		}})
	}
	return due
}

// foreseen says whether it can be known of a trace whether the sampler keeps it.
func (v *Verifier) foreseen() bool {
	if v.config.Sampler == nil {
		return true
	}
	_, known := v.config.Sampler.Survives(v.key.Seal(identity.TraceID{}))
	return known
}

// manifestDue is the latest slot whose manifest must be stored by now, if it is not known already.
func (v *Verifier) manifestDue(s *source) (slot uint32, ok bool) {
	if !s.told || s.foreign != "" {
		return 0, false
	}
	slot = traffic.SlotOf(s.timeline.now(&v.clock).Add(-v.config.LateAfter)) - 1
	if slot == s.sought {
		return 0, false
	}
	o, ok := s.slots[slot]
	return slot, ok && o.knows == reported && o.run == s.run && !o.shared && !o.stalled && o.report.Refused+o.report.Open == 0
}

// stalled says whether the pipeline did not take what was sent well before the manifest. Then it may not have been sent itself: a few
// are under way at most.
func stalled(s *source, m *traffic.Manifest) bool {
	c := s.stream.Config()
	leaves := 2 + uint32(time.Duration(c.Batches)*traffic.BatchStep/traffic.SlotLength)
	for _, r := range m.Slots {
		if r.Open > 0 && r.Slot+leaves <= m.Slot {
			return true
		}
	}
	return false
}

// soughtManifest takes the answer to a question for a manifest. An error says nothing.
func (v *Verifier) soughtManifest(s *source, id identity.TraceID, answer backend.Answer, err error) {
	switch {
	case err != nil:
	case v.hasManifest(id, answer):
		s.absent = 0
	default:
		s.absent++
	}
}

// hasManifest goes by the ids alone: a backend may have cut the text short.
func (v *Verifier) hasManifest(id identity.TraceID, answer backend.Answer) bool {
	if !answer.Found {
		return false
	}
	trace, only := v.key.Seal(id), v.key.SealSpan(id, 0)
	for _, rs := range answer.Traces.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.TraceID() == trace && span.SpanID() == only {
					return true
				}
			}
		}
	}
	return false
}
