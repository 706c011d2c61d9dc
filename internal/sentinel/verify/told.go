package verify

import (
	"fmt"
	"slices"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// repeats is how many of the last slots of a run every manifest mentions (see package generator: each slot is told at
// least as often).
const repeats = 8

// Told takes a manifest that came from the generator on another road than the pipeline that is judged.
func (v *Verifier) Told(now Instant, m *traffic.Manifest) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock.advance(now)
	v.told(m, true)
	if s, ok := v.sources[sourceID{m.Instance, m.Stream}]; ok && s.passed == 0 {
		s.passed = v.clock.awake
	}
}

// told takes a manifest whose signature is right, and says why not, if not.
func (v *Verifier) told(m *traffic.Manifest, direct bool) (problem string) {
	s := v.source(m.ID())
	if s == nil {
		return "its stream is not configured here, its instance not expected, or there are too many"
	}
	if !v.fresh(s, m.Slot) {
		return v.stale(s, m.Slot)
	}
	if !s.told || m.Run != s.run {
		if !v.replaces(s, m, direct) {
			v.aside(s, m)
			return ""
		}
		v.begin(s, m)
	}
	s.direct = s.direct || direct
	if m.Slot > s.latest { // else it is a copy
		s.latest, s.heard = m.Slot, v.clock.awake
	}
	s.highest = max(s.highest, m.Slot)
	if s.foreign != "" {
		return ""
	}
	for _, o := range s.slots {
		o.again = o.again || o.repeated
		o.repeated = false
	}
	v.take(s, m)
	if o, ok := s.slots[m.Slot]; ok {
		o.stalled = stalled(s, m)
	}
	return ""
}

// restarted sets the timeline when a generator begins again. It goes by the wall clock, and not on ahead of it as the run before
// may have done: where a manifest is fresher by the wall clock, that is the time. What was entered by the wrong time is moved.
func (v *Verifier) restarted(s *source, m *traffic.Manifest) {
	for number, o := range s.slots {
		if number >= m.Since && o.knows == reported && o.run != m.Run && o.report.Attempted > 0 {
			o.shared, o.again = true, true
		}
	}
	end := traffic.SlotStart(m.Slot + 1)
	byWall, by := v.clock.wall.Sub(end), s.timeline.now(&v.clock).Sub(end)
	if byWall < -ahead || byWall > by-drift {
		return
	}
	s.timeline.set(&v.clock)
	for number, o := range s.slots {
		if number < m.Since || o.lost > 0 {
			continue
		}
		begins := s.timeline.awake(&v.clock, traffic.SlotStart(number))
		later := begins - o.begins
		o.begins, o.due, o.again = begins, 0, true
		for i := range o.records {
			o.records[i].delay = max(0, o.records[i].delay-milliseconds(later))
		}
	}
}

// stale says what a slot is that does not fit into the present.
func (v *Verifier) stale(s *source, number uint32) string {
	if number < s.from && v.clock.awake < v.keep {
		return "" // sent before the verifier started
	}
	return fmt.Sprintf("its slot is %s, which is %s away", traffic.SlotStart(number).UTC().Format("2006-01-02 15:04:05"),
		s.timeline.now(&v.clock).Sub(traffic.SlotStart(number)).Abs().Round(1e9))
}

// take enters the reports of a manifest into the slots.
func (v *Verifier) take(s *source, m *traffic.Manifest) {
	oldest := traffic.SlotOf(s.timeline.now(&v.clock).Add(-v.keep))
	for i := range m.Slots {
		r := &m.Slots[i]
		if r.Slot < max(oldest, s.from) || r.Slot > m.Slot || r.Slot < m.Since {
			continue
		}
		v.report(v.slot(s, r.Slot), m, *r)
	}
	for number := max(m.Since, s.from, oldest, m.Slot-min(m.Slot, uint32(v.keep/traffic.SlotLength))); number <= m.Slot; number++ {
		if !sleptThrough(m, number) {
			continue
		}
		if o := v.slot(s, number); o.knows == nothing {
			o.knows, o.again, o.run = slept, true, m.Run
		}
	}
}

// report enters what a run tells of a slot. What is told later counts, and two runs at a time are one too many.
func (v *Verifier) report(o *slot, m *traffic.Manifest, r traffic.SlotReport) {
	switch {
	case o.run != 0 && o.run != m.Run:
		if r.Attempted > 0 && o.report.Attempted > 0 {
			o.shared, o.again = true, true
			v.problems.twoRuns = v.clock.awake
			return
		}
		if r.Attempted == 0 {
			return
		}
	case o.run == m.Run && o.knows == reported && m.Slot < o.toldIn:
		return
	}
	o.again = o.again || o.knows != reported || !slices.Equal(o.report.Exceptions, r.Exceptions) || o.report.Accepted != r.Accepted
	o.report, o.toldIn, o.run, o.knows = r, m.Slot, m.Run, reported
}

// sleptThrough says whether the manifest shows that its run did not send a slot: it does not mention it, although it does
// mention the last ones before and since.
func sleptThrough(m *traffic.Manifest, number uint32) bool {
	if number < m.Since || number > m.Slot {
		return false
	}
	at, mentioned := slices.BinarySearchFunc(m.Slots, number, func(r traffic.SlotReport, n uint32) int { return int(int64(r.Slot) - int64(n)) })
	return !mentioned && len(m.Slots)-at < repeats
}
