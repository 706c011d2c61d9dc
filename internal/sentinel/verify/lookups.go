package verify

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// A verifier of lookups asks a backend for traces, instead of observing what arrives:
//
//	age of a trace   late_after            + late_after/2 ...            lost_after
//	                     │ first question       │ again, while not whole      │ the last one
//	whole, as sent ──────┴─▶ delivered          └─▶ late                      └─▶ what is found, is the verdict
//	an error ────────────── says nothing: asked again; after the last one, unknown
//
// Whoever holds it asks: Questions says what is due, Answer takes what has come of it.

// ask is where the questions for a trace are.
type ask struct {
	next   int32 // milliseconds of age at which to ask
	absent int32 // age at which the backend said last that the trace is not there, or not whole; -1: never
	under  bool  // a question is under way
	failed bool  // the one before was answered with an error
	last   bool  // the one under way is the last
	chosen bool
}

// Question is a trace to be looked up.
type Question struct {
	backend.Question
	Trace identity.TraceID
	asked time.Duration // age of the trace
	early bool          // only to find out how long it takes
}

// question asks for a trace.
func (v *Verifier) question(s *source, o *slot, id identity.TraceID) Question {
	return Question{Trace: id, asked: v.age(s, o, id.Sequence), Question: backend.Question{
		ID: v.key.Seal(id), From: s.stream.At(id).Add(-margin), To: s.stream.Complete(id).Add(v.config.LostAfter + margin),
	}}
}

// Questions returns what is to be asked now, at most so many. Each must be answered by a call of Answer.
func (v *Verifier) Questions(now Instant, most int) []Question {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock.advance(now)
	var due []Question
	for _, s := range v.sources {
		for _, o := range s.slots {
			if len(due) < most && len(o.asks) > 0 {
				due = v.questions(s, o, due, most)
			}
		}
	}
	return due
}

// margin is how much longer than a trace may be under way is the time in which it is looked for: some backends file a trace that
// comes late under the time at which it came, others by a clock of their own.
const margin = time.Hour

func (v *Verifier) questions(s *source, o *slot, due []Question, most int) []Question {
	for n := range o.asks {
		a, sequence := &o.asks[n], uint32(n)
		age := v.age(s, o, sequence)
		if age < v.config.LateAfter {
			break // those after it are younger
		}
		if !a.chosen || a.under || o.records[n].verdict != None || sequence < o.lost || age < time.Duration(a.next)*time.Millisecond {
			continue
		}
		if len(due) == most {
			break
		}
		a.under, a.last = true, age >= v.config.LostAfter
		due = append(due, v.question(s, o, s.id(o.number, sequence)))
	}
	return due
}

// Answer takes what a backend said to a question, or the error that kept it from answering.
func (v *Verifier) Answer(now Instant, q Question, answer backend.Answer, err error) {
	id := q.Trace
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock.advance(now)
	s, ok := v.sources[sourceID{id.Instance, id.Stream}]
	if !ok {
		return
	}
	if traffic.IsManifest(id) {
		v.soughtManifest(s, id, answer, err)
		return
	}
	o, ok := s.slots[id.Slot]
	if !ok || int(id.Sequence) >= len(o.asks) {
		return
	}
	if q.early {
		v.early(s, o, &q, answer, err)
		return
	}
	a, r := &o.asks[id.Sequence], &o.records[id.Sequence]
	age := v.age(s, o, id.Sequence)
	a.under, a.failed = false, err != nil
	a.next = milliseconds(min(age+v.config.LateAfter/2, max(v.config.LostAfter, age+time.Second)))
	if err == nil {
		v.stored(s, o, id, answer)
		if !r.whole() {
			a.absent = milliseconds(age) + 1
		}
		r.delay = max(0, a.absent)
		if o.timed != nil && o.timed.sequence == id.Sequence {
			o.timed.sighted(q.asked, age, r.whole())
		}
	}
	v.judge(s, o, id.Sequence, a.last && err == nil)
	if a.last && err == nil && r.verdict == None {
		v.judge(s, o, id.Sequence, true)
	}
}

func milliseconds(d time.Duration) int32 { return int32(d / time.Millisecond) }

// stored enters what a backend has of a trace, in the place of what it had before.
func (v *Verifier) stored(s *source, o *slot, id identity.TraceID, answer backend.Answer) {
	r := &o.records[id.Sequence]
	if r.spans > 64 {
		clear(o.long[r.arrived])
		r.absent = r.spans
	} else {
		r.arrived, r.absent = 0, r.spans
	}
	r.fields, r.repeated = 0, false
	delete(o.notes, id.Sequence)
	if !answer.Found {
		return
	}
	sealed := v.key.Seal(id)
	for _, rs := range answer.Traces.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.TraceID() != sealed {
					continue
				}
				index, ours := v.key.OpenSpan(id, span.SpanID())
				v.note(s, o, id, index, ours, arrival{rs, ss, span})
			}
		}
	}
	r.repeated = r.repeated || copies(answer.Copies)
}

func copies(of map[pcommon.SpanID]int) bool {
	for _, n := range of {
		if n > 1 {
			return true
		}
	}
	return false
}

// choose says whether a trace is one of the share that is looked up: the same for every verifier.
func (v *Verifier) choose(id identity.TraceID) bool {
	sealed := v.key.Seal(id)
	draw := uint32(sealed[0])<<24 | uint32(sealed[1])<<16 | uint32(sealed[2])<<8 | uint32(sealed[3])
	return float64(draw) < v.config.Lookup*(1<<32)
}

// unanswered gives up traces for which the last question is not answered by now.
func (v *Verifier) unanswered(s *source, o *slot) {
	n := uint32(len(o.asks))
	for ; o.lost < n && v.age(s, o, o.lost) > v.config.LostAfter+patience; o.lost++ {
		if o.asks[o.lost].chosen {
			v.judge(s, o, o.lost, true)
			v.settle(s, o, o.lost)
		} else {
			o.open--
			v.unjudged++
		}
	}
	o.due = max(o.due, o.lost)
}

// patience is how long the last question for a trace may take, retries included.
const patience = 30 * time.Second

// answered says whether the last question was, so that what is not there is not going to be.
func (a *ask) answered() bool { return a.last && !a.under && !a.failed }

// unheard is why nothing is known of a trace that was to be looked up.
func (a *ask) unheard() string {
	switch {
	case a.failed, a.under && a.last && a.absent < 0:
		return "the backend did not answer"
	case a.absent < 0:
		return "it was not looked up in time"
	}
	return fmt.Sprintf("the backend has not answered since the trace was %v old", time.Duration(a.absent)*time.Millisecond)
}

// askAll prepares a new slot for questions.
func (v *Verifier) askAll(s *source, o *slot) {
	o.asks = make([]ask, len(o.records))
	for i := range o.asks {
		o.asks[i] = ask{absent: -1, chosen: v.choose(s.id(o.number, uint32(i))), next: milliseconds(v.config.LateAfter)}
	}
	v.chooseTimed(s, o)
}
