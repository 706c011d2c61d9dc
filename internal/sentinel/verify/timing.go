package verify

import (
	"time"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
)

// A backend that is asked for a trace once it would be late says nothing of how soon it was there. So one trace every other second is looked
// for early, and again at intervals that grow, until it is there as a whole:
//
//	age   0.4 s   0.6 s   0.8 s   ...   5/4 of the age before   ...   late_after
//	        │ no    │ no    │ yes ──▶ it took 0.7 s, give or take 0.1 s
//
// Where the quickest of the last fifty or so took longer, it is first looked for at half of that. Those that are quicker still are not observed.
//
// It stands for all traces of its two seconds. That it is there early is no verdict: spans may yet come a second time. Behind a sampler whose
// decisions cannot be foreseen nothing is measured, since most traces would be looked for in vain.

const (
	firstAge = 400 * time.Millisecond
	leastGap = 200 * time.Millisecond
	fewTimed = 20 // traces that show how early is early enough
)

// timing is the one trace of a slot that is looked for early.
type timing struct {
	sequence uint32
	stands   int           // for so many traces, itself included
	absent   time.Duration // age at which it was not there as a whole yet, as far as is known
	present  time.Duration // age at which it was; 0: not yet
	next     time.Duration // age at which to ask
	under    bool          // a question is under way
}

// chooseTimed chooses the trace of a new slot that is timed, if one is: by chance, so that it leaves at any part of a second.
func (v *Verifier) chooseTimed(s *source, o *slot) {
	if !v.foreseen() {
		return
	}
	of, lowest := 0, uint32(0)
	t := &timing{next: firstAge}
	if s.timed >= fewTimed {
		t.next = max(firstAge, s.soonest/2)
	}
	for n := range o.asks {
		sealed := v.key.Seal(s.id(o.number, uint32(n)))
		if v.config.Sampler != nil {
			if kept, _ := v.config.Sampler.Survives(sealed); !kept {
				continue
			}
		}
		if !o.asks[n].chosen {
			continue
		}
		draw := uint32(sealed[4])<<24 | uint32(sealed[5])<<16 | uint32(sealed[6])<<8 | uint32(sealed[7])
		if of == 0 || draw < lowest {
			t.sequence, lowest = uint32(n), draw
		}
		of++
	}
	switch {
	case of == 1: // where traces are rare, every one
		t.stands = 1
	case of > 1 && o.number%2 == 0:
		t.stands = 2 * of
	default:
		return
	}
	o.timed = t
}

// EarlyQuestions returns the traces that are to be looked for early now, at most so many, to find out how long they take. Each must be answered
// by a call of Answer. They may be left out while a backend is busy or failing: then less is known.
func (v *Verifier) EarlyQuestions(now Instant, most int) []Question {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock.advance(now)
	var due []Question
	for _, s := range v.sources {
		for _, o := range s.slots {
			t := o.timed
			if t == nil || t.under || t.present > 0 || len(due) >= most {
				continue
			}
			age := v.age(s, o, t.sequence)
			if age < t.next || age >= v.config.LateAfter || o.knows == slept || !o.sent(t.sequence) {
				continue
			}
			t.under = true
			q := v.question(s, o, s.id(o.number, t.sequence))
			q.early = true
			due = append(due, q)
		}
	}
	return due
}

// sent says whether a trace may have been sent, as far as is known.
func (s *slot) sent(sequence uint32) bool {
	f := s.fate(sequence)
	return f != refused && f != unsent
}

// sighted notes of a timed trace whether it was there as a whole: absent when it was asked for, or present when the answer came.
func (t *timing) sighted(asked, answered time.Duration, whole bool) {
	switch {
	case t.present > 0:
	case whole:
		t.present = answered
	default:
		t.absent = max(t.absent, asked)
	}
}

// early takes the answer to a question for a timed trace.
func (v *Verifier) early(s *source, o *slot, q *Question, answer backend.Answer, err error) {
	t := o.timed
	if t == nil || t.sequence != q.Trace.Sequence {
		return
	}
	t.under = false
	t.next = q.asked + max(leastGap, q.asked/4)
	if err != nil {
		return
	}
	t.sighted(q.asked, v.age(s, o, t.sequence), v.hasAll(s, q.Trace, answer))
	switch {
	case t.present == 0:
	case t.absent == 0 && s.timed >= fewTimed: // it was not looked for early enough
		s.timed = 0
	case s.timed == 0:
		s.soonest, s.timed = t.present, 1
	default:
		s.soonest, s.timed = min(t.present, s.soonest*51/50), s.timed+1
	}
}

// hasAll says whether all spans of a trace are in an answer, whatever is in them.
func (v *Verifier) hasAll(s *source, id identity.TraceID, answer backend.Answer) bool {
	if !answer.Found {
		return false
	}
	found := map[uint32]bool{}
	sealed := v.key.Seal(id)
	for _, rs := range answer.Traces.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if index, ours := v.key.OpenSpan(id, span.SpanID()); ours && span.TraceID() == sealed {
					found[index] = true
				}
			}
		}
	}
	return len(found) == len(v.plans.of(s.stream, id).Spans)
}

// took is how long the trace took, and for how many it stands; 0 where that was not observed
// closely enough, or the generator did not send it at once.
func (s *slot) took(sequence uint32) (delay time.Duration, stands int) {
	t := s.timed
	if t == nil || t.sequence != sequence || s.fate(sequence) != accepted || t.present == 0 || t.present-t.absent > max(time.Second, t.present/2) {
		return 0, 0
	}
	return (t.absent + t.present) / 2, t.stands
}
