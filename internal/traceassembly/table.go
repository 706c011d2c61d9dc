package traceassembly

import (
	"time"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// None is the index of no trace.
const None = ^uint32(0)

// Trace is what all open traces have in common. Whoever keeps more embeds it. It holds no pointers, so that the garbage
// collector does not look into a Table whose traces hold none either.
type Trace struct {
	ID       pcommon.TraceID
	Spans    tracebuffer.Trace
	LastSeen time.Duration // arrival of its last span, by the Clock

	older, newer uint32 // neighbours in order of arrival
}

func (t *Trace) base() *Trace { return t }

// embeds is a pointer to a struct that embeds Trace.
type embeds[T any] interface {
	*T
	base() *Trace
}

// Table holds open traces by id and in order of arrival. Indices are reused. Pages never move, so that pointers stay valid while
// it grows; a page goes only when the table is empty.
//
//	Open --> found by id, in order ---Detach--> held by index alone --Give--> gone
type Table[T any, P embeds[T]] struct {
	pages  [][]T
	free   []uint32
	used   int // taken and not given back
	index  map[pcommon.TraceID]uint32
	oldest uint32
	newest uint32
}

const (
	pageBits   = 9
	pageTraces = 1 << pageBits
	indexBytes = 48 // an entry of the index, its share of vacant ones included
	freeBytes  = 4
)

// NewTable makes an empty one.
func NewTable[T any, P embeds[T]]() Table[T, P] {
	return Table[T, P]{index: map[pcommon.TraceID]uint32{}, oldest: None, newest: None}
}

// At is the trace of an index.
func (t *Table[T, P]) At(i uint32) *T { return &t.pages[i>>pageBits][i&(pageTraces-1)] }

// Find returns the index of an open trace.
func (t *Table[T, P]) Find(id pcommon.TraceID) (uint32, bool) {
	i, ok := t.index[id]
	return i, ok
}

// Open makes a trace, the newest, of which no more is set than its id and LastSeen.
func (t *Table[T, P]) Open(id pcommon.TraceID, now time.Duration) (uint32, *T) {
	i := t.take()
	made := t.At(i)
	b := P(made).base()
	b.ID, b.LastSeen = id, now
	t.append(i, b)
	t.index[id] = i
	return i, made
}

func (t *Table[T, P]) take() uint32 {
	if len(t.free) == 0 {
		base := uint32(len(t.pages)) << pageBits
		t.pages = append(t.pages, make([]T, pageTraces))
		for i := uint32(pageTraces); i > 0; i-- {
			t.free = append(t.free, base+i-1)
		}
	}
	i := t.free[len(t.free)-1]
	t.free = t.free[:len(t.free)-1]
	t.used++
	return i
}

// Touch makes a trace the newest one.
func (t *Table[T, P]) Touch(i uint32) {
	if t.newest != i {
		b := P(t.At(i)).base()
		t.unlink(b)
		t.append(i, b)
	}
}

// Detach takes a trace out of the index and the order. What it holds stays until it is given back.
func (t *Table[T, P]) Detach(i uint32) {
	b := P(t.At(i)).base()
	delete(t.index, b.ID)
	t.unlink(b)
	b.older, b.newer = None, None
}

// Give takes back the place of a detached trace, whose spans have been freed.
func (t *Table[T, P]) Give(i uint32) {
	var zero T
	*t.At(i) = zero
	t.free = append(t.free, i)
	t.used--
	if t.used == 0 && len(t.pages) > 1 { // a burst has passed
		*t = NewTable[T, P]()
	}
}

// Oldest is the index of the open trace that is first in order, None if there is none.
func (t *Table[T, P]) Oldest() uint32 { return t.oldest }

// Newer is the one that follows a trace in order, None after the newest.
func (t *Table[T, P]) Newer(i uint32) uint32 { return P(t.At(i)).base().newer }

// Len is how many traces are open.
func (t *Table[T, P]) Len() int { return len(t.index) }

// Held is how many are held, the open ones and those that are detached.
func (t *Table[T, P]) Held() int { return t.used }

// Slots is the bound of indices: At may be asked for any below, also one that no trace has, which is a zero value.
func (t *Table[T, P]) Slots() uint32 { return uint32(len(t.pages)) << pageBits }

// Bytes is the memory that the table takes.
func (t *Table[T, P]) Bytes() int64 {
	var one T
	return int64(len(t.pages))*pageTraces*int64(unsafe.Sizeof(one)+freeBytes) + int64(len(t.index))*indexBytes
}

func (t *Table[T, P]) append(i uint32, b *Trace) {
	b.older, b.newer = t.newest, None
	if t.newest != None {
		P(t.At(t.newest)).base().newer = i
	} else {
		t.oldest = i
	}
	t.newest = i
}

func (t *Table[T, P]) unlink(b *Trace) {
	if b.older != None {
		P(t.At(b.older)).base().newer = b.newer
	} else {
		t.oldest = b.newer
	}
	if b.newer != None {
		P(t.At(b.newer)).base().older = b.older
	} else {
		t.newest = b.older
	}
}
