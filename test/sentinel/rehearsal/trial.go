package rehearsal

import (
	"fmt"
	"math"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Vantage is where a verifier stands.
type Vantage string

// The vantages.
const (
	PipelineEnd Vantage = "pipeline end"
	Jaeger      Vantage = "jaeger"
	Tempo       Vantage = "tempo"
)

// Vantages lists them.
func Vantages() []Vantage { return []Vantage{PipelineEnd, Jaeger, Tempo} }

// Setting is what trials have in common.
type Setting struct {
	Stream     *traffic.Stream
	LateAfter  time.Duration
	LostAfter  time.Duration
	Share      float64       // of the traces that a fault harms; 0: a share of chance
	Lasts      time.Duration // of a fault; 0: 2 to 10 seconds
	NoticeOnly bool          // the trial is over with the first sign of the fault; nothing is compared
	Direct     bool          // manifests do not have to travel through the pipeline
	Blind      bool          // negative control: the verifier is shown a pipeline without the fault
	Deaf       bool          // negative control: the verifier is shown nothing
}

// Outcome is what a trial has shown.
type Outcome struct {
	Traces  int // that must have a verdict
	Harmed  int
	Judged  int           // that have one
	Wrong   []string      // what was told wrong, or not at all
	Noticed time.Duration // from the first harm to the first sign of it; negative: there was none
	Onset   time.Duration // the same, from the beginning of the fault, before any harm was done
	Unknown int           // of the verdicts that had to be unknown
}

// Trial runs one trial: some healthy seconds, a fault that begins at random, and time enough for all verdicts.
func (s *Setting) Trial(class Class, vantage Vantage, seed uint64) (Outcome, error) {
	t := &trial{setting: s, class: class, verdicts: map[identity.TraceID]verify.Judgement{}, sent: map[identity.TraceID]pcommon.TraceID{}, noticed: -1}
	wall := time.Unix(1_763_726_400, 0).Add(time.Duration(seed%1_000_000) * 1_234_567_891)
	t.world = NewWorld(s.Stream, wall, seed)
	t.world.Direct = s.Direct
	t.report = t.judged
	if err := t.prepare(vantage); err != nil {
		return Outcome{}, err
	}
	t.end = t.to + 2*time.Second
	end := t.end + s.LostAfter + 40*time.Second
	if !s.NoticeOnly {
		t.world.Run(end)
		return t.outcome(), nil
	}
	for at := time.Second; t.noticed < 0 && at < end; at += time.Second {
		t.world.Run(at)
	}
	return t.signs(), nil
}

type trial struct {
	setting  *Setting
	class    Class
	world    *World
	fault    *Injection
	from, to time.Duration // of the fault
	end      time.Duration // traces after it are not judged
	sent     map[identity.TraceID]pcommon.TraceID
	verdicts map[identity.TraceID]verify.Judgement
	strange  []string // judgements of what has not been sent
	noticed  time.Duration
	report   func(verify.Judgement)
}

// prepare places verifier and fault.
func (t *trial) prepare(vantage Vantage) error {
	s, w := t.setting, t.world
	config := verify.Config{
		Key: s.Stream.Key(), Streams: []*traffic.Stream{s.Stream}, LateAfter: s.LateAfter, LostAfter: s.LostAfter, MaxTraces: verify.DefaultMaxTraces, Report: t.report,
	}
	visible := ^verify.Fields(0)
	if vantage != PipelineEnd {
		kind := backend.Kind(vantage)
		b, err := backend.New(kind, "http://127.0.0.1:1", http.DefaultClient)
		if err != nil {
			return err
		}
		w.Store, config.Lookup, config.Lens = NewStore(kind, b.Lens()), 1, b.Lens()
		visible = seen(b.Lens())
	}
	var err error
	if w.Verifier, err = verify.New(config, w.Now()); err != nil {
		return err
	}
	t.from = 3*time.Second + time.Duration(w.Rand.Int64N(int64(5*time.Second)))
	t.to = t.from + 2*time.Second + time.Duration(w.Rand.Int64N(int64(8*time.Second)))
	if s.Lasts > 0 {
		t.to = t.from + s.Lasts
	}
	share := s.Share
	if share == 0 {
		share = 0.05 + 0.95*w.Rand.Float64()
	}
	t.fault = &Injection{Class: t.class, Share: share, From: t.from, To: t.to, Late: s.LateAfter, Lost: s.LostAfter, Visible: visible, Once: w.Store != nil && w.Store.Once}
	switch {
	case s.Deaf:
		w.Fault = &Injection{Class: BatchLoss, Share: 1, To: math.MaxInt64, harm: map[pcommon.TraceID]harm{}}
	case !s.Blind:
		w.Fault = t.fault
	}
	w.source.sent = t.leaves
	w.onTick = t.look
	switch {
	case t.class == BackendDown && w.Store != nil:
		hangs := w.Rand.IntN(2) == 0
		w.At(t.from, func() { w.Store.Down, w.Store.Hung = !hangs, hangs })
	case t.class == Source:
		t.disturbSource()
	}
	return nil
}

// seen is which fields can be corrupted so that it shows through a lens.
func seen(lens backend.Lens) verify.Fields {
	all := ^verify.Fields(0)
	hide := func(fields ...verify.Field) {
		for _, f := range fields {
			all &^= 1 << f
		}
	}
	hide(verify.ResourceDroppedAttributes, verify.ScopeDroppedAttributes)
	if lens.Flags {
		hide(verify.Flags)
	}
	if lens.SchemaURL {
		hide(verify.ResourceSchemaURL, verify.ScopeSchemaURL)
	}
	if lens.Dropped {
		hide(verify.DroppedAttributes, verify.DroppedEvents, verify.DroppedLinks)
	}
	if lens.ScopeAttrs {
		hide(verify.ScopeAttributes)
	}
	return all
}

// disturbSource has the generator refuse, skip, repeat and hold traces, and sleep.
func (t *trial) disturbSource() {
	w := t.world
	first := traffic.SlotOf(w.wall.Add(t.from)) + 1
	last := traffic.SlotOf(w.wall.Add(t.to))
	states := []traffic.State{traffic.Refused, traffic.Skipped, traffic.Retried, traffic.Held}
	w.source.heldFor = t.setting.LateAfter + time.Second
	for number := first; number <= last; number++ {
		for sequence := range w.Stream.Count(number) {
			if w.Rand.IntN(3) == 0 {
				w.source.fates[number] = append(w.source.fates[number],
					traffic.Exception{First: sequence, Last: sequence, State: states[w.Rand.IntN(len(states))]})
			}
		}
	}
	asleep, length := last+1, w.Rand.Uint32N(4)
	w.source.asleep = func(number uint32) bool { return number >= asleep && number < asleep+length }
	t.to += time.Duration(length) * time.Second
}

func (t *trial) leaves(trace *traffic.Trace, at time.Duration) {
	t.fault.Sent(t.world, trace, at)
	t.sent[trace.ID] = trace.Sealed
}

func (t *trial) judged(j verify.Judgement) {
	if traffic.IsManifest(j.Trace) {
		t.strange = append(t.strange, fmt.Sprintf("a manifest was called %s: %s", j.Verdict, j.Detail))
		return
	}
	t.verdicts[j.Trace] = j
	if j.Verdict.Failing() {
		t.notice()
	}
}

func (t *trial) look() {
	if t.world.Verifier.State().Overdue > 0 {
		t.notice()
	}
}

func (t *trial) notice() {
	if t.noticed < 0 {
		t.noticed = t.world.now
	}
}
