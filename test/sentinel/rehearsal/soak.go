package rehearsal

import (
	"fmt"
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Soaked is what a long time without a fault of the pipeline has shown.
type Soaked struct {
	Disturbances map[string]int
	Verdicts     [verify.Verdicts]uint64
	Alarms       []string // verdicts against the pipeline, and overdue traces: false ones, all of them
}

// Soak lets a healthy pipeline run for a long time, while everything around it is disturbed every few minutes: the generator
// restarts or is stopped for a while, the verifier's process is stopped, the wall clock is set ahead or back, the backend restarts.
func (s *Setting) Soak(vantage Vantage, length time.Duration, seed uint64) (Soaked, error) {
	out := Soaked{Disturbances: map[string]int{}}
	t := &trial{setting: s, class: Healthy, verdicts: nil, noticed: -1}
	t.world = NewWorld(s.Stream, time.Unix(1_763_726_400, 0), seed)
	t.world.Direct = s.Direct
	alarm := func(format string, args ...any) {
		if len(out.Alarms) < 10 {
			out.Alarms = append(out.Alarms, fmt.Sprintf("%v: ", t.world.now)+fmt.Sprintf(format, args...))
		}
	}
	t.report = func(j verify.Judgement) {
		if j.Verdict.Failing() {
			alarm("%s %v %v: %s", j.Verdict, j.Trace, j.Delay, j.Detail)
		}
	}
	if err := t.prepare(vantage); err != nil {
		return out, err
	}
	w := t.world
	w.Fault, w.source.sent = None{}, nil
	w.onTick = func() {
		if n := w.Verifier.State().Overdue; n > 0 {
			alarm("%d traces are overdue", n)
		}
		if w.Store != nil {
			w.Store.forget(5000)
		}
	}
	for at := 5 * time.Minute; at < length-10*time.Minute; at += time.Minute + time.Duration(w.Rand.Int64N(int64(20*time.Minute))) {
		w.At(at, func() { out.Disturbances[w.disturb()]++ })
	}
	w.Run(length)
	out.Verdicts = w.Verifier.State().Verdicts
	return out, nil
}

// disturb does one of the things that are no fault of the pipeline, and names it.
func (w *World) disturb() string {
	seconds := func(least, most int64) time.Duration {
		return time.Duration(least)*time.Second + time.Duration(w.Rand.Int64N((most-least)*int64(time.Second)))
	}
	switch w.Rand.IntN(6) {
	case 0:
		s := &w.source
		s.stopped = true
		w.At(w.now+seconds(1, 20), func() {
			s.run, s.reports = s.run+1, nil
			s.begin(w)
		})
		return "generator restarted"
	case 1:
		// In the middle of a slot, with traces half way out, until the beginning of another.
		first := traffic.SlotOf(w.wall.Add(w.now+w.source.ahead)) + 2
		last := first + w.Rand.Uint32N(60)
		w.source.asleep = func(number uint32) bool { return number > first && number <= last }
		begins, ends := w.at(traffic.SlotStart(first)), w.at(traffic.SlotStart(last+1))
		w.source.frozen, w.source.thaws = begins+2*traffic.BatchStep, ends
		w.source.fates[first] = []traffic.Exception{{First: 0, Last: 0, State: traffic.Held}, {First: 1, Last: 1 << 20, State: traffic.Skipped}}
		return "generator stopped for seconds"
	case 2:
		w.paused = []func(){}
		w.At(w.now+seconds(1, 60), w.resume)
		return "verifier stopped for seconds"
	case 3:
		w.step += seconds(1, 3600)
		return "clock set ahead"
	case 4:
		w.step -= seconds(1, 3600)
		return "clock set back"
	}
	if w.Store != nil {
		w.Store.Down = true
		w.At(w.now+seconds(1, 60), func() { w.Store.Down = false })
	}
	return "backend restarted"
}

// resume lets the verifier run again, and gives it what has waited.
func (w *World) resume() {
	waiting := w.paused
	w.paused = nil
	for _, do := range waiting {
		do()
	}
}
