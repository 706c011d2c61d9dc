package rehearsal

import (
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// source sends the stream of a world, slot by slot, as a generator does that is always in time.
type source struct {
	run       uint64
	since     uint32
	reports   []traffic.SlotReport           // of the last slots
	fates     map[uint32][]traffic.Exception // what is going to happen to traces of a slot at the source
	asleep    func(slot uint32) bool         // or nil
	delivered map[uint32]time.Duration       // when a manifest that mentions the slot has come through the pipeline
	sent      func(t *traffic.Trace, at time.Duration)
	ahead     time.Duration // of the wall clock at the beginning; a generator does not follow a clock that is set back
	stopped   bool
	heldFor   time.Duration // by how much the first batch of a held trace is late
	frozen    time.Duration // when the generator stops in the middle of what it does, until
	thaws     time.Duration
}

// repeats is how many manifests mention a slot.
const repeats = 8

func (s *source) begin(w *World) {
	s.ahead, s.stopped, s.thaws = w.step, false, 0
	slot := traffic.SlotOf(w.Now().Wall) + 1
	s.since = slot
	run := s.run
	w.At(w.at(traffic.SlotStart(slot)), func() { s.slot(w, run, slot) })
}

// at is a time of the generator's clock, since the beginning.
func (w *World) at(t time.Time) time.Duration { return t.Sub(w.wall) - w.source.ahead }

// slot sends what is due in a slot, and plans the next: that is another one when the clock has been set ahead.
func (s *source) slot(w *World, run uint64, number uint32) {
	if s.run != run || s.stopped {
		return
	}
	if now := traffic.SlotOf(w.Now().Wall); now > number+1 {
		s.ahead, number = w.step, now
	}
	next := traffic.SlotStart(number + 1)
	w.At(w.at(next), func() { s.slot(w, run, number+1) })
	if s.asleep != nil && s.asleep(number) {
		return
	}
	report := traffic.SlotReport{Slot: number, Exceptions: s.fates[number]}
	n := w.Stream.Count(number)
	for sequence := range n {
		state, _ := report.State(sequence)
		switch state {
		case traffic.Skipped:
			continue
		case traffic.Refused:
			report.Refused++
		default:
			report.Accepted++
		}
		report.Attempted++
		id := identity.TraceID{Instance: w.Instance, Stream: w.Stream.Config().Number, Slot: number, Sequence: sequence}
		s.trace(w, id, state)
	}
	w.At(s.leaves(w.at(next)-1), func() {
		if s.run == run {
			s.manifest(w, report)
		}
	})
}

// leaves is when something leaves that should at a time.
func (s *source) leaves(at time.Duration) time.Duration {
	if at >= s.frozen && at < s.thaws {
		return s.thaws
	}
	return at
}

// trace sends the batches of a trace. Of a refused one, the first is lost before the pipeline; of a retried one, it is sent twice;
// of a held one, it leaves late.
func (s *source) trace(w *World, id identity.TraceID, state traffic.State) {
	var t traffic.Trace
	w.Stream.Trace(id, &t)
	at := w.at(w.Stream.At(id))
	if s.sent != nil {
		s.sent(&t, at)
	}
	first, run := true, s.run
	for batch := range uint8(w.Stream.Config().Batches) {
		td, some := render(&t, batch)
		if !some {
			continue
		}
		leaves := s.leaves(at + time.Duration(batch)*traffic.BatchStep)
		if first && state == traffic.Held {
			leaves += s.heldFor
		}
		if first && state == traffic.Retried {
			again, _ := render(&t, batch)
			w.At(leaves+time.Second, func() { w.Fault.Pass(w, again, w.deliver) })
		}
		if !first || state != traffic.Refused {
			w.At(leaves, func() {
				if s.run == run { // else it has ended since
					w.Fault.Pass(w, td, w.deliver)
				}
			})
		}
		first = false
	}
}

// render writes the spans of a batch of a trace.
func render(t *traffic.Trace, batch uint8) (ptrace.Traces, bool) {
	td, some := ptrace.NewTraces(), false
	for i := range t.Spans {
		if t.Spans[i].Batch == batch {
			some = true
			Write(t, i, td)
		}
	}
	return td, some
}

// Write appends span i of a trace, with a resource and a scope of its own.
func Write(t *traffic.Trace, i int, to ptrace.Traces) {
	rs := to.ResourceSpans().AppendEmpty()
	rs.SetSchemaUrl(traffic.SchemaURL)
	t.FillResource(i, rs.Resource())
	ss := rs.ScopeSpans().AppendEmpty()
	ss.SetSchemaUrl(traffic.SchemaURL)
	t.FillScope(i, ss.Scope())
	t.FillSpan(i, ss.Spans().AppendEmpty())
}

// manifest tells what became of the last slots.
func (s *source) manifest(w *World, report traffic.SlotReport) {
	s.reports = append(s.reports, report)
	s.reports = s.reports[max(0, len(s.reports)-repeats):]
	m := &traffic.Manifest{
		Instance: w.Instance, Stream: w.Stream.Config().Number, Slot: report.Slot, Run: s.run, Since: s.since,
		Configuration: w.Stream.Fingerprint(), Slots: append([]traffic.SlotReport(nil), s.reports...),
	}
	if w.Direct || w.Store != nil {
		w.whenAwake(func() {
			w.Verifier.Told(w.Now(), m)
			s.told(w, m)
		})
	}
	td := ptrace.NewTraces()
	m.Append(w.Stream.Key(), td)
	w.Fault.Pass(w, td, func(td ptrace.Traces) {
		if td.SpanCount() > 0 && w.Store == nil {
			w.deliver(td)
			s.told(w, m)
		}
	})
}

// told notes when a manifest has come to the verifier.
func (s *source) told(w *World, m *traffic.Manifest) {
	for _, r := range m.Slots {
		if _, ok := s.delivered[r.Slot]; !ok {
			s.delivered[r.Slot] = w.now
		}
	}
}
