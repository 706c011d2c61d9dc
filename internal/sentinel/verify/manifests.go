package verify

import (
	"time"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Behind a sampler whose decisions cannot be foreseen, a trace that is not there says nothing, and nor do many: all might be lost. But a rule
// keeps the manifests, one every second, so each of them must be there, at the end of a pipeline as in a backend:
//
//	slot ──▶ its manifest is sent ── late_after ──▶ there, or absent
//
// A pipeline that does not take anything keeps manifests from being sent, which the generator has to say on another road. Without one nothing is
// said of single manifests.

// presence is what is known of a slot's manifest.
type presence uint8

const (
	manifestUnclear presence = iota
	manifestThere
	manifestAbsent
)

// Manifests is what is known of the manifests of a stream that a sampler must have kept.
type Manifests struct {
	Row    int    // that are absent, with none that is there after them
	Absent int    // of those that are remembered
	Due    int    // of these, from the first that is absent on: how many it is known of
	First  uint32 // slots of the first that was absent, before those that are remembered if it went on without a pause,
	Last   uint32 // and the last
	Later  int    // that are there after that
	Ruled  bool   // so many have been there in a row before that a rule must keep them
}

// Lost says whether some are lost, and with them some of all traces: what does not look at the content of traces loses as many of those.
func (m *Manifests) Lost() bool { return m.Ruled && m.Absent >= minAbsent }

// minAbsent is how many of the manifests that are remembered have to be absent for that.
const minAbsent = 3

// ruled is how many manifests in a row have to be there before it is thought that a rule keeps them.
const ruled = 30

// manifests sums up the slots that are remembered.
func (v *Verifier) manifests(s *source) Manifests {
	m := Manifests{Ruled: s.ruled >= ruled}
	newest := traffic.SlotOf(s.timeline.now(&v.clock))
	for number := newest - min(newest, uint32(v.keep/traffic.SlotLength)); number <= newest; number++ {
		o, ok := s.slots[number]
		if !ok || o.manifest == manifestUnclear {
			continue
		}
		if o.manifest == manifestAbsent {
			if m.Absent++; m.Absent == 1 {
				m.First = number
			}
			m.Row, m.Last, m.Later = m.Row+1, number, 0
		} else {
			m.Row, m.Later = 0, m.Later+1
		}
		if m.Absent > 0 {
			m.Due++
		}
	}
	switch {
	case m.Absent == 0:
		s.lost = 0
	case s.lost == 0:
		s.lost = m.First
	default:
		m.First = s.lost
	}
	return m
}

// sighted notes whether a manifest is there.
func (s *source) sighted(o *slot, is presence) {
	if s.ruled < ruled {
		if s.ruled++; is == manifestAbsent {
			s.ruled = 0
		}
	}
	o.manifest = is
}

// owe notes that the manifest of a slot should have come through the pipeline by now, and has not.
func (v *Verifier) owe(s *source, o *slot) {
	if v.config.Lookup > 0 || !s.direct || o.manifest != manifestUnclear || v.foreseen() {
		return
	}
	if v.clock.awake-o.begins > traffic.SlotLength+v.config.LateAfter+leeway && o.owed(s) {
		s.sighted(o, manifestAbsent)
	}
}

// leeway is how much later than the traces of its slot a manifest may come.
const leeway = time.Second

// owed says whether the manifest of a slot must have been sent, and so be there.
func (s *slot) owed(by *source) bool {
	return s.knows == reported && s.run == by.run && !s.shared && !s.stalled && s.report.Refused+s.report.Open == 0
}

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
	return slot, ok && o.owed(s)
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
	o, ok := s.slots[id.Slot]
	switch {
	case err != nil || !ok:
	case v.hasManifest(id, answer):
		s.sighted(o, manifestThere)
	default:
		s.sighted(o, manifestAbsent)
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
