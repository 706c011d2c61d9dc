package watch

import (
	"strings"
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// harm is what may go wrong with a trace on its way to a place.
type harm int

const (
	lost    harm = iota // it did not arrive, or not as a whole; overdue traces included
	changed             // a field is not as it was sent
	doubled             // spans arrived more than once
	delayed             // it was late
	strange             // it could not have been sent
	refused             // the pipeline did not accept it from the generator
	harms
)

// harmOf is what a verdict says went wrong, if anything.
func harmOf(v verify.Verdict) (h harm, ok bool) {
	switch v {
	case verify.Missing, verify.Incomplete:
		return lost, true
	case verify.Corrupt:
		return changed, true
	case verify.Duplicate:
		return doubled, true
	case verify.Late:
		return delayed, true
	case verify.Unexpected:
		return strange, true
	case verify.RefusedAtSource:
		return refused, true
	}
	return 0, false
}

// sharesOver is the time over which the share of harmed traces is taken.
const sharesOver = 5 * time.Minute

// troubles follows what goes wrong at a place, by the time at which the traces left the generator. Shares are taken of traces of one age:
// good ones are known at once, and lost ones only when they are overdue.
//
//	slots   |.......first......last....|horizon.......|   of the younger ones, not all that is lost is known
type troubles struct {
	slots []tally
	of    [harms]*episode
}

// tally is what has become of the traces of a slot.
type tally struct {
	slot, good uint32
	bad        [harms]uint32
}

// episode is one sort of harm, from the first trace to the last.
type episode struct {
	first, last uint32    // slots
	noted       time.Time // when the last one was noticed
	traces      uint64
	partial     uint64            // of which some spans have arrived
	absent      map[string]uint64 // partial ones, by whose spans of which operation are not there
	services    map[string]uint64 // the same by whose
	entries     map[string]uint64 // of the others, by where they begin
	detail      string            // of the last one
}

func newTroubles(lateAfter time.Duration) troubles {
	return troubles{slots: make([]tally, (lateAfter+sharesOver+time.Minute)/traffic.SlotLength)}
}

// at returns the tally of a slot; nil where it is too long ago.
func (t *troubles) at(slot uint32) *tally {
	c := &t.slots[slot%uint32(len(t.slots))]
	if slot > c.slot {
		*c = tally{slot: slot}
	}
	if slot < c.slot {
		return nil
	}
	return c
}

// note takes a verdict, and takes back the one that it replaces.
func (t *troubles) note(now time.Time, j *verify.Judgement, entry string) {
	if h, ok := harmOf(j.Was); ok {
		t.remove(h, j)
	} else if c := t.at(j.Trace.Slot); j.Was == verify.Delivered && c != nil && c.good > 0 {
		c.good--
	}
	if h, ok := harmOf(j.Verdict); ok {
		t.add(h, now, j, entry)
	} else if j.Verdict == verify.Delivered {
		if c := t.at(j.Trace.Slot); c != nil {
			c.good++
		}
	}
}

func (t *troubles) add(h harm, now time.Time, j *verify.Judgement, entry string) {
	slot, n := j.Trace.Slot, max(1, j.Traces)
	if h == strange {
		slot = traffic.SlotOf(now) // its own may be any
	} else if c := t.at(slot); c != nil {
		c.bad[h] += uint32(n)
	}
	e := t.of[h]
	if e == nil {
		e = &episode{first: slot, last: slot, absent: map[string]uint64{}, services: map[string]uint64{}, entries: map[string]uint64{}}
		t.of[h] = e
	}
	e.first, e.last, e.noted = min(e.first, slot), max(e.last, slot), now
	e.traces += uint64(n)
	if e.detail = j.Detail; h == changed {
		e.detail = j.Fields.String()
	}
	if len(j.Absent) == 0 {
		e.entries[entry]++
		return
	}
	e.partial++
	of := map[string]bool{}
	for _, operation := range j.Absent {
		e.absent[operation]++
		service, _, _ := strings.Cut(operation, "/")
		of[service] = true
	}
	for service := range of {
		e.services[service]++
	}
}

func (t *troubles) remove(h harm, j *verify.Judgement) {
	n := uint32(max(1, j.Traces))
	if c := t.at(j.Trace.Slot); c != nil && h != strange {
		c.bad[h] -= min(n, c.bad[h])
	}
	if e := t.of[h]; e != nil {
		if e.traces -= min(e.traces, uint64(n)); e.traces == 0 {
			t.of[h] = nil
		}
	}
}

// forget ends the episodes in which nothing has been noticed for a time.
func (t *troubles) forget(now time.Time, after time.Duration) {
	for h, e := range t.of {
		if e != nil && now.Sub(e.noted) > after {
			t.of[h] = nil
		}
	}
}

// count is how many traces of some slots were harmed in a way, and how many there were.
func (t *troubles) count(h harm, from, to uint32) (bad, all uint64) {
	for i := range t.slots {
		if c := &t.slots[i]; c.slot >= from && c.slot <= to {
			all += uint64(c.good)
			for _, n := range c.bad {
				all += uint64(n)
			}
			bad += uint64(c.bad[h])
		}
	}
	return bad, all
}
