package rehearsal

import (
	"fmt"
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// signs is what is known without a look at single traces.
func (t *trial) signs() Outcome {
	o := Outcome{Harmed: t.fault.Harmed(), Noticed: -1, Onset: -1, Wrong: t.strange}
	if t.noticed >= 0 && t.fault.First > 0 {
		o.Noticed, o.Onset = t.noticed-t.fault.First, t.noticed-t.from
	}
	return o
}

// outcome compares what was said with what was done.
func (t *trial) outcome() Outcome {
	o, w := t.signs(), t.world
	for number := w.source.since; traffic.SlotStart(number).Before(w.wall.Add(t.end)); number++ {
		for sequence := range w.Stream.Count(number) {
			id := identity.TraceID{Instance: w.Instance, Stream: w.Stream.Config().Number, Slot: number, Sequence: sequence}
			o.Traces++
			want, fields := t.truth(id)
			got := t.verdicts[id]
			if got.Verdict != verify.None {
				o.Judged++
			}
			if want == verify.Unknown {
				o.Unknown++
			}
			if got.Verdict != want || want == verify.Corrupt && got.Fields != fields {
				o.Wrong = append(o.Wrong, fmt.Sprintf("%v must be %s (%s), was called %s (%s; %s)", id, want, fields, got.Verdict, got.Fields, got.Detail))
			}
		}
	}
	return o
}

// truth is what must be said of a trace.
func (t *trial) truth(id identity.TraceID) (verify.Verdict, verify.Fields) {
	w := t.world
	if w.source.asleep != nil && w.source.asleep(id.Slot) {
		return verify.GeneratorGap, 0
	}
	report := traffic.SlotReport{Exceptions: w.source.fates[id.Slot]}
	switch state, _ := report.State(id.Sequence); state {
	case traffic.Refused:
		return verify.RefusedAtSource, 0
	case traffic.Skipped, traffic.Held:
		return verify.GeneratorGap, 0
	}
	want, fields := t.fault.Verdict(t.sent[id])
	left := w.at(w.Stream.Complete(id))
	if w.Store != nil && t.class == BackendDown && (left+t.setting.LateAfter+Tick-1).Truncate(Tick) >= t.from {
		return verify.Unknown, 0 // that is when it was looked up
	}
	if want == verify.Missing || want == verify.Incomplete || want == verify.Duplicate {
		if told, ok := w.source.delivered[id.Slot]; !ok || told > left+t.setting.LostAfter+time.Second {
			return verify.Unknown, 0 // the generator was not heard
		}
	}
	return want, fields
}
