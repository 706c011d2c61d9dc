package tailsampling

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/journal"
	"github.com/assayhq/assay/internal/tracebuffer"
)

// Recovery is what was found in the journal at the start.
type Recovery struct {
	Done           bool // all of it was taken in
	Records        int
	Traces         int // that became open traces
	Spans          int // that were taken in
	DamagedRecords int // that could not be read, the torn end included
	DamagedSpans   int // that they are known to have held
	Took           time.Duration
}

// recovery takes in what the journal holds. It reads it twice: what is over is known at the end only. Spans go the same way as those that
// come from outside: rules, shards and all else are those of the configuration now.
type recovery struct {
	journal  *journal.Journal
	segments []uint32
	over     map[uint64]struct{}
	complete map[uint64]struct{} // copies whose last part is there
	result   Recovery

	reader   tracebuffer.ExcerptReader // of the decoding goroutine
	decoded  chan found                // closed when there is no more
	stop     chan struct{}
	decoding sync.WaitGroup
}

func newRecovery(j *journal.Journal) *recovery {
	return &recovery{journal: j, segments: j.Segments(), over: map[uint64]struct{}{}, complete: map[uint64]struct{}{}}
}

// close ends the decoding, also before it is done.
func (r *recovery) close() {
	if r != nil && r.decoded != nil {
		close(r.stop)
		r.decoding.Wait()
	}
}

// scan finds out what is over.
func (r *recovery) scan() {
	for _, n := range r.segments {
		d, err := r.journal.Read(n, func(record journal.Record) {
			r.result.Records++
			switch record.Kind {
			case recordOver:
				r.end(record.Payload)
			case recordCopy:
				if c, ok := parseCopy(record.Payload); ok && c.last {
					r.complete[c.number] = struct{}{}
					r.end(c.replaced)
				}
			}
		})
		if err != nil {
			d.Records++
		}
		r.result.DamagedRecords += d.Records
		r.result.DamagedSpans += d.Count
		if n == r.segments[len(r.segments)-1] {
			r.result.DamagedSpans -= d.Cut // the process ended while it wrote: that was not acknowledged
		}
	}
}

func (r *recovery) end(numbers []byte) {
	for ; len(numbers) >= 8; numbers = numbers[8:] {
		r.over[binary.LittleEndian.Uint64(numbers)] = struct{}{}
	}
}

// recordsPerStep bounds how long the deciding goroutine is kept from its other work.
const recordsPerStep = 256

// step takes in some records and returns true when there are no more. Memory must not be short.
func (r *recovery) step(e *Engine, most int) bool {
	began := time.Now()
	defer func() { r.result.Took += time.Since(began) }()
	if r.decoded == nil {
		r.scan()
		r.decoded, r.stop = make(chan found, decodedAhead), make(chan struct{})
		r.decoding.Go(r.decode)
	}
	for ; most > 0 && !e.assembly.memory.short(); most-- {
		f, more := <-r.decoded
		if !more {
			return true
		}
		r.result.DamagedRecords += f.damaged.Records
		r.result.DamagedSpans += f.damaged.Count
		r.admit(e, &f)
	}
	return false
}

func (r *recovery) admit(e *Engine, f *found) {
	if len(f.pieces) == 0 {
		return
	}
	f.first = e.assembly.came(f.arrived)
	e.intake.readmit(f)
	r.result.Traces += f.opened
	r.result.Spans += f.spans.SpanCount()
	for _, p := range f.pieces {
		if !p.entered { // late for a trace that was dropped
			e.assembly.ledger.finish(p.number)
		}
	}
}

// readmit takes in spans that the journal holds.
func (in *intake) readmit(f *found) {
	b := in.batches.Get().(*batch)
	defer in.putBatch(b)
	b.found = f
	in.split(b, f.spans)
	in.admit(b, in.clock.Now())
}

// enter notes under which number the journal has spans that are about to be appended to t.
func (f *found) enter(l *ledger, t *trace) {
	p := f.pieces[t.ID]
	if p.entered {
		return
	}
	w := &t.written
	if t.Spans.Spans() == 0 {
		w.era = l.era.Load()
		f.opened++
	}
	switch {
	case w.number == 0:
		l.journal.PinAt(f.segment)
		w.number, w.segment = p.number, f.segment
	case w.number != p.number:
		l.join(t, p.number)
		if f.segment < w.segment {
			l.journal.PinAt(f.segment)
			l.journal.Unpin(w.segment)
			w.segment = f.segment
		}
	}
	t.firstSeen = min(t.firstSeen, f.first)
	w.bytes += uint32(p.bytes)
	l.live.Add(int64(p.bytes))
	p.entered = true
	f.pieces[t.ID] = p
}

// join adds a number to those under which the journal has a trace.
func (l *ledger) join(t *trace, number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.more[t.written.number]
	for _, n := range all {
		if n == number {
			return
		}
	}
	l.more[t.written.number] = append(all, number)
	t.set(manyNumbers)
}

// finish notes that a trace is over that was never open here.
func (l *ledger) finish(number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(ended{number: number})
}

// came is when something came, by the engine's clock. A trace that is older than any may become is as good as one of that age, and one
// that comes from the future, because the wall's clock was set back, is new.
func (a *assembly) came(wall int64) time.Duration {
	now := a.clock.Now()
	age := a.clock.Wall().Sub(time.Unix(0, wall))
	return now - min(max(age, 0), a.cfg.Completion.MaxWait)
}

// recover takes in what the journal holds, as far as there is memory; the rest follows when there is.
func (e *Engine) recover() {
	l := e.assembly.ledger
	for l != nil && l.recovery != nil {
		if l.recovery.step(e, recordsPerStep) {
			l.recovered()
		} else if e.assembly.memory.short() {
			e.decider.step()
			if e.assembly.memory.short() {
				return
			}
		}
	}
}

// stepJournal does what is due for the journal.
func (e *Engine) stepJournal(l *ledger) {
	if l.recovery != nil && l.recovery.step(e, recordsPerStep) {
		l.recovered()
	}
	l.step(e.assembly.clock.Now())
}

// recovered is for when all was taken in.
func (l *ledger) recovered() {
	result := l.recovery.result
	result.Done = true
	l.found.Store(&result)
	l.recovery.close()
	l.recovery = nil
	l.journal.Recovered()
	if l.journalObserver.Recovered != nil {
		l.journalObserver.Recovered(result)
	}
}
