package tailsampling

import (
	"context"
	"slices"
	"time"
)

// History is what was decided in equal parts of time, one after the other.
type History struct {
	From   time.Time // beginning of the first part
	Step   time.Duration
	Traces []uint64 // decided in each part
	Spans  []uint64
	Kept   []ReasonHistory // by reason, in the order in which reasons have occurred
}

// ReasonHistory is what was kept for a reason, in the parts of a History.
type ReasonHistory struct {
	Reason        string
	Traces, Spans []uint64
}

// recorder counts decisions by time, finely for an hour and coarsely for a week. One goroutine uses it.
type recorder struct{ rings [2]ring }

// ring counts the decisions of the last parts of time.
type ring struct {
	step  time.Duration
	parts []part // by number modulo its length; made as they are needed
	size  int64
}

// part is one of them.
type part struct {
	number        int64
	traces, spans uint64
	kept          [][2]uint64 // traces and spans, by code of the reason
}

func newRecorder() recorder {
	return recorder{[2]ring{{step: 10 * time.Second, size: 360}, {step: 5 * time.Minute, size: 7 * 24 * 12}}}
}

// add counts a decision; reason is its code.
func (r *recorder) add(now time.Duration, kept bool, reason uint16, spans int) {
	for i := range r.rings {
		p := r.rings[i].at(now)
		p.traces++
		p.spans += uint64(spans)
		if !kept {
			continue
		}
		for len(p.kept) <= int(reason) {
			p.kept = append(p.kept, [2]uint64{})
		}
		p.kept[reason][0]++
		p.kept[reason][1] += uint64(spans)
	}
}

// at is the part of a time, emptied where it was one of long ago.
func (r *ring) at(now time.Duration) *part {
	number := int64(now / r.step)
	at := int(number % r.size)
	for len(r.parts) <= at {
		r.parts = append(r.parts, part{number: -1})
	}
	p := &r.parts[at]
	if p.number != number {
		*p = part{number: number, kept: p.kept[:0]}
	}
	return p
}

// mostParts is how many parts a History has at most: as many as can be told apart on a screen.
const mostParts = 400

// history is what is known now from one time to another, in the finest parts that reach back so far.
func (r *recorder) history(now, from, to time.Duration, reasons []string) (h History, begin time.Duration) {
	ring := &r.rings[0]
	if from < now-time.Duration(ring.size)*ring.step {
		ring = &r.rings[1]
	}
	last := int64(to / ring.step)
	first := min(last, max(0, int64(from/ring.step), int64(now/ring.step)-ring.size+1))
	together := max(1, (last-first)/mostParts+1)
	n := int((last-first)/together) + 1
	h = History{Step: ring.step * time.Duration(together), Traces: make([]uint64, n), Spans: make([]uint64, n)}
	for _, reason := range reasons {
		h.Kept = append(h.Kept, ReasonHistory{reason, make([]uint64, n), make([]uint64, n)})
	}
	for i := range ring.parts {
		p := &ring.parts[i]
		if p.number < first || p.number > last {
			continue
		}
		at := (p.number - first) / together
		h.Traces[at] += p.traces
		h.Spans[at] += p.spans
		for code, n := range p.kept {
			h.Kept[code].Traces[at] += n[0]
			h.Kept[code].Spans[at] += n[1]
		}
	}
	h.Kept = slices.DeleteFunc(h.Kept, func(k ReasonHistory) bool { return slices.Max(k.Traces) == 0 })
	return h, time.Duration(first) * ring.step
}

// History is what was decided from one time to another, as far as it is known: at most a week back, and since this start.
func (e *Engine) History(ctx context.Context, from, to time.Time) (History, error) {
	var h History
	err := e.ask(ctx, func(d *decider) {
		now, wall := d.last, d.at(d.last)
		until := min(now, now-wall.Sub(to))
		var begin time.Duration
		h, begin = d.recorder.history(now, max(0, min(until, now-wall.Sub(from))), max(0, until), d.log.reasons)
		h.From = d.at(begin)
	})
	return h, err
}
