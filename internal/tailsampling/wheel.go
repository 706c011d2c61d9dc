package tailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/traceassembly"
)

// wheel is a hashed timing wheel (Varghese and Lauck 1987, scheme 6) over the traces of a shard: an array of doubly linked
// lists, one for each tick, threaded through the trace table by index. A deadline past the horizon waits in the furthest
// slot and is put in again from there.
//
//	slots  0 1 2 ... now ... wheelSlots-1     one tick apart
//	              |
//	              +-> trace 17 <-> trace 4
type wheel struct {
	slots []uint32 // index of the first trace, none where empty
	now   int64    // last tick that was advanced to
	table *traceTable
}

const (
	wheelSlots = 4096 // 41 s at 10 ms a tick
	none       = traceassembly.None
)

func newWheel(table *traceTable) wheel {
	w := wheel{slots: make([]uint32, wheelSlots), table: table}
	for i := range w.slots {
		w.slots[i] = none
	}
	return w
}

// tickOf rounds a time since the engine's start up to a tick, so that nothing fires early.
func tickOf(t time.Duration) int64 {
	return int64((t + tickInterval - 1) / tickInterval)
}

// schedule puts trace i on the wheel, to fire at the given time.
func (w *wheel) schedule(i uint32, at time.Duration) {
	t := w.table.At(i)
	t.deadline = max(tickOf(at), w.now+1)
	w.insert(i, t)
}

func (w *wheel) insert(i uint32, t *trace) {
	slot := &w.slots[min(t.deadline, w.now+wheelSlots-1)%wheelSlots]
	t.slotPrev, t.slotNext = none, *slot
	if t.slotNext != none {
		w.table.At(t.slotNext).slotPrev = i
	}
	*slot = i
	t.slot = uint32(min(t.deadline, w.now+wheelSlots-1) % wheelSlots)
	t.set(onWheel)
}

// remove takes trace i off the wheel, if it is on it.
func (w *wheel) remove(i uint32) {
	t := w.table.At(i)
	if !t.has(onWheel) {
		return
	}
	if t.slotPrev == none {
		w.slots[t.slot] = t.slotNext
	} else {
		w.table.At(t.slotPrev).slotNext = t.slotNext
	}
	if t.slotNext != none {
		w.table.At(t.slotNext).slotPrev = t.slotPrev
	}
	t.clear(onWheel)
}

// advance moves to now and calls fire for every trace whose deadline has come, after taking it off the wheel.
func (w *wheel) advance(now time.Duration, fire func(i uint32)) {
	to := int64(now / tickInterval)
	if to-w.now > wheelSlots { // a long pause: each slot needs to be looked at once only
		w.now = to - wheelSlots
	}
	for w.now < to {
		w.now++
		i := w.slots[w.now%wheelSlots]
		w.slots[w.now%wheelSlots] = none
		for i != none {
			t := w.table.At(i)
			next := t.slotNext
			t.clear(onWheel)
			if t.deadline > w.now {
				w.insert(i, t)
			} else {
				fire(i)
			}
			i = next
		}
	}
}
