package window

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// buffered is a trace whose spans are awaited.
type buffered struct {
	id       pcommon.TraceID
	spans    tracebuffer.Trace
	plan     *plan
	start    int64         // of the earliest span, unix ns
	lastSeen time.Duration // since the engine's start
	older    uint32        // neighbours in order of the last arrival
	newer    uint32
}

const (
	none          = ^uint32(0)
	bufferedBytes = 176 // of memory a trace takes, with its share of the index
	pageBits      = 9
	pageTraces    = 1 << pageBits
)

// traces are the buffered traces of a shard: by id, and in the order in which they were heard of last. Waits are all of one
// length, so that this is also the order in which they end.
type traces struct {
	pages  [][]buffered // they never move, so that pointers stay valid while the table grows
	free   []uint32
	index  map[pcommon.TraceID]uint32
	oldest uint32
	newest uint32
}

func newTraces() traces {
	return traces{index: map[pcommon.TraceID]uint32{}, oldest: none, newest: none}
}

func (t *traces) at(i uint32) *buffered { return &t.pages[i>>pageBits][i&(pageTraces-1)] }

// open makes a trace.
func (t *traces) open(id pcommon.TraceID, p *plan, now time.Duration) *buffered {
	if len(t.free) == 0 {
		base := uint32(len(t.pages)) << pageBits
		t.pages = append(t.pages, make([]buffered, pageTraces))
		for i := uint32(pageTraces); i > 0; i-- {
			t.free = append(t.free, base+i-1)
		}
	}
	i := t.free[len(t.free)-1]
	t.free = t.free[:len(t.free)-1]
	b := t.at(i)
	*b = buffered{id: id, plan: p, start: 1<<63 - 1, lastSeen: now}
	t.index[id] = i
	t.append(i, b)
	return b
}

// touch notes that a trace has gone on.
func (t *traces) touch(i uint32, now time.Duration) {
	b := t.at(i)
	b.lastSeen = max(b.lastSeen, now)
	if t.newest != i {
		t.unlink(b)
		t.append(i, b)
	}
}

func (t *traces) append(i uint32, b *buffered) {
	b.older, b.newer = t.newest, none
	if t.newest != none {
		t.at(t.newest).newer = i
	} else {
		t.oldest = i
	}
	t.newest = i
}

func (t *traces) unlink(b *buffered) {
	if b.older != none {
		t.at(b.older).newer = b.newer
	} else {
		t.oldest = b.newer
	}
	if b.newer != none {
		t.at(b.newer).older = b.older
	} else {
		t.newest = b.older
	}
}

// remove forgets a trace, whose spans must have been freed.
func (t *traces) remove(i uint32) {
	b := t.at(i)
	t.unlink(b)
	delete(t.index, b.id)
	*b = buffered{}
	t.free = append(t.free, i)
	if len(t.index) == 0 && len(t.pages) > 1 { // a burst has passed
		*t = newTraces()
	}
}

func (t *traces) bytes() int64 { return int64(len(t.pages)) * pageTraces * bufferedBytes }
