package generator

import (
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// repeats is how many manifests tell a slot after everything about it is known.
const repeats = 8

// Counts are sums since the start of a run.
type Counts struct {
	Attempted, Accepted, Refused uint64 // traces; attempted also has those under way
	Skipped                      uint64 // traces that were due and not attempted
	SpansAccepted, SpansRefused  uint64
	Retries                      uint64 // of batches
	Settled                      uint32 // the last slot before which everything is known
}

// account is what became of the traces of recent slots. mu guards everything below it.
type account struct {
	mu      sync.Mutex
	slots   []*slot // ascending
	counts  Counts
	awaited time.Time // when the pacer looks at the clock next, by its clock; zero: it has not yet
	behind  bool      // the pacer is known to look at it too late; what it sends until it does may leave late
}

// slot is one slot's account. fates is by sequence.
type slot struct {
	number   uint32
	fates    []fate
	skipped  uint32 // of fates
	accepted uint32
	refused  uint32
	over     bool                // no trace will be added
	told     int                 // manifests since everything has been known
	report   *traffic.SlotReport // once everything is known; fates are forgotten then
}

// fate is what became of a trace: how many of its parts are under way, and marks.
type fate struct {
	parts uint8
	marks uint8
}

const (
	markSkipped = 1 << iota
	markRefused
	markRetried
	markHeld
)

// open begins a slot.
func (a *account) open(number uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.slots = append(a.slots, &slot{number: number})
}

// attempt notes the next trace of the latest slot, which has been put into so many batches.
func (a *account) attempt(parts int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.slots[len(a.slots)-1]
	f := fate{parts: uint8(parts)}
	if a.behind {
		f.marks = markHeld
	}
	s.fates = append(s.fates, f)
	a.counts.Attempted++
}

// skip notes that the next n traces of the latest slot are not sent.
func (a *account) skip(n uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.slots[len(a.slots)-1]
	for range n {
		s.fates = append(s.fates, fate{marks: markSkipped})
	}
	s.skipped += n
	a.counts.Skipped += uint64(n)
}

// end notes that the latest slot is over.
func (a *account) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.slots) > 0 {
		a.slots[len(a.slots)-1].over = true
	}
}

// await notes when the pacer means to look at the clock next.
func (a *account) await(next time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.awaited = next
}

// look is the pacer's look at the clock: was the process stopped before?
func (a *account) look(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hold(now)
	a.awaited, a.behind = now, false // until await
}

// hold notes of the traces under way, if the pacer ought to have looked at the clock long ago, that parts may leave late. It is for
// whoever reads the clock first after that. A machine that was suspended shows it by the wall clock alone.
func (a *account) hold(now time.Time) {
	if a.behind || a.awaited.IsZero() || max(now.Sub(a.awaited), now.Round(0).Sub(a.awaited.Round(0))) <= maxLag {
		return
	}
	a.behind = true
	for _, s := range a.slots {
		for i := range s.fates {
			if s.fates[i].parts > 0 {
				s.fates[i].marks |= markHeld
			}
		}
	}
}

// settle notes the outcome of a batch, as of now.
func (a *account) settle(b *batch, tries int, accepted bool, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hold(now)
	a.counts.Retries += uint64(tries - 1)
	if accepted {
		a.counts.SpansAccepted += uint64(b.spans)
	} else {
		a.counts.SpansRefused += uint64(b.spans)
	}
	for _, p := range b.parts {
		s := a.find(p.id.Slot)
		f := &s.fates[p.id.Sequence]
		if !accepted {
			f.marks |= markRefused
		} else if tries > 1 {
			f.marks |= markRetried
		}
		if f.parts--; f.parts > 0 {
			continue
		}
		if f.marks&markRefused != 0 {
			s.refused++
			a.counts.Refused++
		} else {
			s.accepted++
			a.counts.Accepted++
		}
	}
}

// find returns a slot with parts under way, which is always there. Such slots are near the end of the list.
func (a *account) find(number uint32) *slot {
	i := len(a.slots) - 1
	for a.slots[i].number != number {
		i--
	}
	return a.slots[i]
}

// reports tells the slots that are over, and forgets those that have been told often enough.
func (a *account) reports() []traffic.SlotReport {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []traffic.SlotReport
	var kept []*slot
	waiting := false
	for _, s := range a.slots {
		if s.over {
			out = append(out, s.tell())
		}
		if !s.settled() {
			waiting = true
		} else if !waiting {
			a.counts.Settled = s.number
		}
		if s.told < repeats {
			kept = append(kept, s)
		}
	}
	a.slots = kept
	return out
}

func (s *slot) attempted() uint32 { return uint32(len(s.fates)) - s.skipped }

func (s *slot) settled() bool {
	return s.report != nil || s.over && s.attempted() == s.accepted+s.refused
}

// tell reports the slot. A settled one is summed up once.
func (s *slot) tell() traffic.SlotReport {
	if s.report != nil {
		s.told++
		return *s.report
	}
	r := traffic.SlotReport{Slot: s.number, Attempted: s.attempted(), Accepted: s.accepted, Refused: s.refused}
	r.Open = r.Attempted - r.Accepted - r.Refused
	r.Exceptions, r.Truncated = s.exceptions()
	if s.settled() {
		s.report, s.told, s.fates = &r, 1, nil
	}
	return r
}

// exceptions sums up the fates as ranges, or says that there are too many.
func (s *slot) exceptions() ([]traffic.Exception, bool) {
	const most = 64
	var out []traffic.Exception
	for i, f := range s.fates {
		state, sequence := f.state(), uint32(i)
		if state == 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].State == state && out[n-1].Last+1 == sequence {
			out[n-1].Last = sequence
			continue
		}
		if len(out) == most {
			return nil, true
		}
		out = append(out, traffic.Exception{First: sequence, Last: sequence, State: state})
	}
	return out, false
}

func (f fate) state() traffic.State {
	switch {
	case f.marks&markSkipped != 0:
		return traffic.Skipped
	case f.parts > 0:
		return traffic.InFlight
	case f.marks&markRefused != 0:
		return traffic.Refused
	case f.marks&markHeld != 0:
		return traffic.Held
	case f.marks&markRetried != 0:
		return traffic.Retried
	}
	return 0
}

// sums returns the counts.
func (a *account) sums() Counts {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts
}
