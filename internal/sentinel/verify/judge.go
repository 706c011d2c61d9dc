package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Advance lets time pass, and gives the verdicts that are due. It is to be called at least once a second.
func (v *Verifier) Advance(now Instant) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock.advance(now)
	for key, s := range v.sources {
		v.catchUp(s)
		if v.over(s) {
			delete(v.sources, key)
		}
		if v.holds(s) {
			continue
		}
		v.release(s)
		for number, o := range s.slots {
			v.pass(s, o)
			v.owe(s, o)
			if v.clock.awake-o.begins > v.keep {
				v.forget(s, number, o)
			}
		}
	}
}

// pass judges the traces of a slot whose time has come.
func (v *Verifier) pass(s *source, o *slot) {
	if o.full {
		if o.open > 0 && v.clock.awake > o.begins+traffic.SlotLength+v.config.LostAfter {
			v.problems.full = v.clock.awake
			v.issue(Judgement{
				Verdict: Unknown, Trace: s.id(o.number, 0), Stream: s.stream.Config().Name, Traces: int(o.open),
				Detail: fmt.Sprintf("no room: max_traces is %d", v.config.MaxTraces),
			})
			o.open = 0
		}
		return
	}
	if o.again {
		o.again = false
		for n := range o.due {
			v.judge(s, o, n, false)
		}
	}
	if len(o.asks) > 0 {
		v.unanswered(s, o)
		return
	}
	n := uint32(len(o.records))
	for ; o.due < n && v.age(s, o, o.due) > v.config.LateAfter; o.due++ {
		v.judge(s, o, o.due, false)
	}
	for ; o.lost < o.due && v.age(s, o, o.lost) > v.config.LostAfter; o.lost++ {
		v.judge(s, o, o.lost, true)
		v.settle(s, o, o.lost)
	}
}

// settle tells what has become of a trace that was accepted, at the same age for all: what is kept by a sampler is known sooner than
// what is not.
func (v *Verifier) settle(s *source, o *slot, sequence uint32) {
	if v.config.Settled == nil || !o.accepted(sequence) {
		return
	}
	r := &o.records[sequence]
	if len(o.asks) > 0 && !r.some() && o.asks[sequence].absent < 0 {
		return // the backend never said that it is not there
	}
	j := Judgement{Verdict: r.verdict, Trace: s.id(o.number, sequence), Traces: 1, Accepted: true}
	if r.some() {
		j.Weight = float64(r.weight)
	}
	v.config.Settled(j)
}

// barren is how many accepted traces must have arrived by now, were there no sampler, since the newest of which something has.
func (v *Verifier) barren(s *source) (traces int) {
	until := traffic.SlotOf(s.timeline.now(&v.clock).Add(-v.config.LateAfter)) - 1
	for number, o := range s.slots {
		if number > s.newest && number < until && o.knows == reported {
			traces += int(o.report.Accepted)
		}
	}
	if share := v.config.Lookup; share > 0 {
		return int(share * float64(traces)) // the others are not looked up
	}
	return traces
}

// age is how long ago a trace was due to have left the generator as a whole.
func (v *Verifier) age(s *source, o *slot, sequence uint32) time.Duration {
	return v.clock.awake - o.begins - s.stream.Complete(s.id(o.number, sequence)).Sub(traffic.SlotStart(o.number))
}

func (s *source) id(number, sequence uint32) identity.TraceID {
	return identity.TraceID{Instance: s.instance, Stream: s.stream.Config().Number, Slot: number, Sequence: sequence}
}

func (v *Verifier) forget(s *source, number uint32, o *slot) {
	for i := range o.records {
		if o.records[i].overdue {
			v.turnOverdue(s, o, uint32(i))
		}
	}
	v.size -= o.size()
	delete(s.slots, number)
}

// judge gives a trace its verdict, or another one than it had, as far as that can be said. final: it is given up, so that
// there must be one.
func (v *Verifier) judge(s *source, o *slot, sequence uint32, final bool) {
	r := &o.records[sequence]
	settled := r.verdict != None
	if final && settled {
		return
	}
	verdict, why := v.verdict(s, o, sequence, final || settled)
	if overdue := verdict == None && v.awaited(s, o, sequence); overdue != r.overdue {
		v.turnOverdue(s, o, sequence)
	}
	switch {
	case verdict == None && final:
		v.unjudged++
		o.open--
		return
	case verdict == None || verdict == r.verdict:
		return
	}
	id := s.id(o.number, sequence)
	j := Judgement{
		Verdict: verdict, Was: r.verdict, Trace: id, Sealed: v.key.Seal(id), Stream: s.stream.Config().Name, Traces: 1,
		Fields: r.fields, Weight: float64(r.weight), Detail: why,
		Accepted: o.accepted(sequence),
	}
	switch {
	case !r.whole() || verdict == GeneratorGap:
	case len(o.asks) > 0:
		j.Delay, j.Stands = o.took(sequence)
	default:
		j.Delay = time.Duration(r.delay) * time.Millisecond
	}
	switch note := o.notes[sequence]; {
	case verdict == Incomplete:
		j.Absent = v.absent(s, o, id)
		j.Detail = r.lacks(j.Absent)
	case verdict == Corrupt && note != "":
		j.Detail = note
	}
	if !settled && sequence >= o.lost {
		o.open--
	}
	r.verdict = verdict
	v.issue(j)
}

// awaited says whether a trace was accepted from the generator, and should be here, and is not.
func (v *Verifier) awaited(s *source, o *slot, sequence uint32) bool {
	r := &o.records[sequence]
	if v.config.Partial || !o.accepted(sequence) || r.whole() {
		return false
	}
	if len(o.asks) > 0 && (o.asks[sequence].absent < 0 || o.asks[sequence].failed) {
		return false // whether it is here, is not known
	}
	if r.some() || v.config.Sampler == nil {
		return true
	}
	kept, predictable := v.config.Sampler.Survives(v.key.Seal(s.id(o.number, sequence)))
	return kept && predictable
}

// verdict is what can be said of a trace now. None: it has to be waited for, or, when that is over, nothing is to be said.
func (v *Verifier) verdict(s *source, o *slot, sequence uint32, final bool) (verdict Verdict, why string) {
	r, f := &o.records[sequence], o.fate(sequence)
	wait := func(verdict Verdict, why string) (Verdict, string) {
		if final {
			return verdict, why
		}
		return None, ""
	}
	kept, predictable := true, true
	if v.config.Sampler != nil {
		kept, predictable = v.config.Sampler.Survives(v.key.Seal(s.id(o.number, sequence)))
	}
	switch {
	case f == ambiguous && o.shared:
		return Unknown, "the same traces were sent twice: by two generators (give each an instance of its own), or by one whose clock was set back"
	case r.some() && f == unsent:
		return Unexpected, "the generator says that it has not sent it"
	case r.some() && predictable && !kept:
		return Unexpected, "the sampler should have dropped it"
	case f == unsent:
		return GeneratorGap, ""
	case f == refused:
		return RefusedAtSource, ""
	case !r.some() && predictable && !kept && f != untold:
		return SampledOut, ""
	case !r.some() && !predictable && f != untold && f != ambiguous:
		return wait(Unknown, unpredictable)
	case !predictable && f == untold && !final:
		return None, "" // whether it counts for the sampler must not depend on whether it was kept
	case r.whole() || r.some() && v.config.Partial:
		return v.present(r, f, wait)
	case v.config.Partial:
		return None, ""
	case f == untold || f == ambiguous:
		return wait(Unknown, v.ignorance(s, f))
	case len(o.asks) > 0 && !o.asks[sequence].answered():
		return wait(Unknown, o.asks[sequence].unheard())
	case !r.some():
		return wait(Missing, "")
	}
	return wait(Incomplete, "")
}

// unpredictable is why nothing is known of a trace that has not come through a sampler whose decisions cannot be foreseen.
const unpredictable = "sampled out or lost: here these look alike"

// present judges a trace that is whole, or of which nobody can say whether it is.
func (v *Verifier) present(r *record, f fate, wait func(Verdict, string) (Verdict, string)) (Verdict, string) {
	switch {
	case r.fields != 0:
		return Corrupt, r.fields.String()
	case r.repeated && f == accepted:
		return Duplicate, ""
	case r.repeated && f != retried && f != held:
		return wait(Unknown, "spans came more than once, and the generator has not told whether it sent them more than once")
	case r.absent > 0:
		return None, ""
	case time.Duration(r.delay)*time.Millisecond > v.config.LateAfter && f == untold:
		return wait(Unknown, "it came late, and the generator has not told whether it left late")
	case time.Duration(r.delay)*time.Millisecond > v.config.LateAfter && f == held:
		return GeneratorGap, "the generator was stopped while it sent the trace"
	case time.Duration(r.delay)*time.Millisecond > v.config.LateAfter:
		return Late, ""
	}
	return Delivered, ""
}

// ignorance is why nothing is known of what the generator did.
func (v *Verifier) ignorance(s *source, f fate) string {
	switch {
	case f == ambiguous:
		return "the generator had too many exceptions to list them"
	case v.silent(s):
		return "the generator is silent"
	}
	return "the generator has not told what became of it"
}

// turnOverdue notes that a trace has become overdue, or is not any more, and says so.
func (v *Verifier) turnOverdue(s *source, o *slot, sequence uint32) {
	r := &o.records[sequence]
	r.overdue = !r.overdue
	if r.overdue {
		v.overdue++
	} else {
		v.overdue--
	}
	if v.config.Overdue == nil {
		return
	}
	id := s.id(o.number, sequence)
	j := Judgement{Trace: id, Sealed: v.key.Seal(id), Stream: s.stream.Config().Name, Traces: 1, Accepted: true}
	if r.overdue && r.some() {
		j.Absent = v.absent(s, o, id)
		j.Detail = r.lacks(j.Absent)
	}
	v.config.Overdue(j, r.overdue)
}

// absent lists whose spans of which operations have not arrived, each once.
func (v *Verifier) absent(s *source, o *slot, id identity.TraceID) []string {
	r, plan := &o.records[id.Sequence], v.plans.of(s.stream, id)
	var names []string
	for i := range plan.Spans {
		if name := plan.Spans[i].Reference(); !o.has(r, uint32(i)) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// lacks says in words what of a trace is absent.
func (r *record) lacks(operations []string) string {
	const most = 5
	names, more := operations, ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return fmt.Sprintf("%d of %d spans are not here, of %s%s", r.absent, r.spans, strings.Join(names, ", "), more)
}

// issue counts a verdict and reports it.
func (v *Verifier) issue(j Judgement) {
	if j.Traces == 0 {
		j.Traces = 1
	}
	v.tally[j.Verdict] += uint64(j.Traces)
	v.config.Report(j)
}
