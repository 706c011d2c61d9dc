package verify

import (
	"slices"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// formerRuns is how many other runs of a generator are known as such.
const formerRuns = 8

// replaces says whether a manifest of a run that is not the present one makes it the present one:
//
//	the other run ──▶ told directly, the present one is not ────────────────────▶ yes
//	              ──▶ not told directly, the present one is ────────────────────▶ no
//	              ──▶ tells of what was before the present one began ───────────▶ no: a queue or a file is drained late
//	              ──▶ was present before ───▶ when the present one is silent, and only with news
//	              ──▶ is new ───────────────▶ yes: the generator was started again
func (v *Verifier) replaces(s *source, m *traffic.Manifest, direct bool) bool {
	switch {
	case !s.told:
		return true
	case direct != s.direct:
		return direct
	case m.Slot < s.since:
		return traffic.SlotStart(s.since).After(v.clock.wall) // the clock was set back since
	case slices.Contains(s.former, m.Run):
		return v.silent(s) && m.Slot > s.latest
	}
	return true
}

// begin makes a run the present one.
func (v *Verifier) begin(s *source, m *traffic.Manifest) {
	returns := slices.Contains(s.former, m.Run)
	if s.run != m.Run && s.run != 0 {
		s.former = slices.DeleteFunc(s.former, func(run uint64) bool { return run == m.Run })
		s.former = append(s.former[max(0, len(s.former)-formerRuns+1):], s.run)
	}
	switch untold := s.highest + 2; { // the last slot may have been ended before it could be told
	case !s.told:
		s.next = m.Since
	case m.Since <= untold:
		s.again = untold
	}
	if s.foreign != "" { // until now, spans were not looked at
		s.foreign, s.from = "", max(s.from, m.Slot+1, traffic.SlotOf(s.timeline.now(&v.clock))+1)
	}
	s.told, s.direct, s.run, s.since, s.latest, s.heard = true, false, m.Run, m.Since, m.Slot, v.clock.awake
	first := !s.known
	s.known = true
	if m.Configuration != s.stream.Fingerprint() {
		v.another(s, m, first)
		return
	}
	v.restarted(s, m)
	if !returns {
		s.next = min(s.next, m.Since)
	}
	s.next = max(s.next, s.from)
}

// another notes that a run has another configuration: of what it sends nothing can be said, and of what came before the first word
// of a source neither.
func (v *Verifier) another(s *source, m *traffic.Manifest, first bool) {
	s.foreign = m.Configuration
	v.unjudged += uint64(len(s.held))
	s.held = nil
	for number, o := range s.slots {
		if first || number >= m.Since {
			v.unjudged += uint64(o.open)
			v.forget(s, number, o)
		}
	}
}

// aside takes what a run tells that is not the present one: an earlier one, or another at the same time. What it says of its
// slots counts. If one of them has another configuration, their spans cannot be told apart.
func (v *Verifier) aside(s *source, m *traffic.Manifest) {
	ours := m.Configuration == s.stream.Fingerprint()
	if ours && s.foreign == "" {
		v.take(s, m)
		return
	}
	for _, r := range m.Slots {
		o, known := s.slots[r.Slot]
		switch {
		case !known || r.Attempted == 0:
		case ours && r.Slot < s.since:
			v.report(o, m, r)
		case !ours && r.Slot >= s.since:
			o.shared, o.again = true, true
			v.problems.twoRuns = v.clock.awake
		}
	}
}
