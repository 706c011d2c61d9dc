package tailsampling

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assayhq/assay/internal/journal"
)

// What the journal holds:
//
//	spans   when they came, Unix ns, 8 B | excerpt of a shard      journal_write.go
//	copy    when the trace began, 8 B | its number, 8 B | whether this is the last part, 1 B
//	        | numbers that it replaces, count 4 B and 8 B each | excerpt                              journal_copy.go
//	over    numbers of traces, 8 B each                             below
//
// A trace has a number, which is the owner of its pieces. What is decided against, sent or lost is over: its number is written, in no
// order with anything else. A copy is a whole trace under a new number, written so that an old segment can go; it counts only when its
// last part is there, and then the numbers that it replaces are over. So it never matters in which order concurrent writers meet.
const (
	recordSpans uint8 = iota + 1
	recordCopy
	recordOver
)

// written is what of a trace is in the journal.
type written struct {
	number  uint64 // 0: nothing
	bytes   uint32
	segment uint32 // pinned
	era     uint32 // all of it, if this is the ledger's
}

// ledger keeps the account of what is in the journal and still needed. A nil ledger is that of an engine without journal.
type ledger struct {
	*assembly
	journal         *journal.Journal
	journalObserver JournalObserver

	on    atomic.Bool   // spans are written
	era   atomic.Uint32 // what was written in another one is not there any more
	next  atomic.Uint64 // number of the next trace
	live  atomic.Int64  // bytes of pieces whose traces are not over
	state atomic.Int32  // JournalState
	kept  atomic.Int64  // spans that stay for the next start

	recovery  *recovery // nil when all that was there has been taken in
	found     atomic.Pointer[Recovery]
	compactor compactor
	flushed   time.Duration
	checked   time.Duration
	retry     time.Duration // when to try again; 0: there is no need

	mu    sync.Mutex // guards everything below
	ended []ended    // to be written
	// unpinned is how many of them, the first ones, do not hold their segments any more, because they could not be written.
	unpinned int
	more     map[uint64][]uint64 // further numbers of a trace
	cause    error               // why it is down or was, until it is whole
	reported error               // the cause that the observer knows of
}

// ended is a trace that is over.
type ended struct {
	number  uint64
	segment uint32
}

// JournalState says what the journal is good for.
type JournalState int32

// The states of a journal.
const (
	JournalOff     JournalState = iota // there is none
	JournalWhole                       // what was acknowledged is in it
	JournalPartial                     // it is written to again, but what came meanwhile is still to be copied to it
	JournalDown                        // what comes is in memory only
)

// JournalStats is the state of the journal.
type JournalStats struct {
	State    JournalState
	Bytes    int64 // of its files
	Live     int64 // of what is still needed
	Stays    int64 // spans that could not be sent before the shutdown and are left for the next start
	Recovery Recovery
}

// JournalObserver hears of what becomes of the journal. Its functions are not called concurrently, and may be nil.
type JournalObserver struct {
	Changed   func(error)    // the journal is down, and why; nil: it is whole again
	Recovered func(Recovery) // all that it held at the start was taken in
}

// UseJournal has what Consume takes in written to a journal, which is the engine's to close. It must be called before Start, which
// takes in what the journal holds.
func (e *Engine) UseJournal(j *journal.Journal, observer JournalObserver) {
	l := &ledger{assembly: e.assembly, journal: j, journalObserver: observer, more: map[uint64][]uint64{}, recovery: newRecovery(j)}
	l.next.Store(uint64(j.Active()) << 32)
	l.era.Store(1)
	l.on.Store(true)
	l.state.Store(int32(JournalWhole))
	l.compactor.assembly = e.assembly
	e.assembly.ledger = l
}

// How often what is over is written, and how much at most; how often it is looked whether the directory is still there; and how often a
// journal that is down is tried.
const (
	flushInterval = 100 * time.Millisecond
	flushNumbers  = 4096
	checkInterval = time.Second
	retryInterval = 5 * time.Second
	// maxEnded bounds what is remembered of traces that are over while that cannot be written. Others may be found again.
	maxEnded = 1 << 20
)

// over notes that nothing of a trace is needed any more. The shard's lock is held.
func (l *ledger) over(t *trace) {
	if l == nil || t.written.number == 0 {
		return
	}
	l.live.Add(-int64(t.written.bytes))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(ended{t.written.number, t.written.segment})
	if t.has(manyNumbers) {
		for _, n := range l.more[t.written.number] {
			l.end(ended{number: n})
		}
		delete(l.more, t.written.number)
	}
}

func (l *ledger) end(e ended) {
	if len(l.ended) < maxEnded {
		l.ended = append(l.ended, e)
	} else if e.segment != 0 {
		l.journal.Unpin(e.segment)
	}
}

// flush writes what is over. While there is something to recover, it waits: pieces of the same traces may still be found.
func (l *ledger) flush(now time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.ended)
	if n == 0 || l.recovery != nil || n < flushNumbers && now-l.flushed < flushInterval {
		return
	}
	l.flushed = now
	if l.journal.Down() == nil {
		record := journal.Begin(make([]byte, 0, 32+8*n))
		for _, e := range l.ended {
			record = binary.LittleEndian.AppendUint64(record, e.number)
		}
		journal.End(record, 0, recordOver, n)
		err := l.journal.Note(record)
		if err == nil {
			n = 0
		} else {
			l.failLocked(err)
		}
	}
	// Also where it could not be written: what is over must not hold the room that others need.
	for i := range l.ended[l.unpinned:] {
		if e := &l.ended[l.unpinned+i]; e.segment != 0 {
			l.journal.Unpin(e.segment)
		}
	}
	l.ended, l.unpinned = l.ended[:n], n
	if cap(l.ended) > 4*flushNumbers && n == 0 {
		l.ended = nil
	}
	l.journal.Reclaim()
}

// fail has spans kept in memory only, until the journal can be written to again.
func (l *ledger) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failLocked(err)
}

func (l *ledger) failLocked(err error) {
	if l.on.Swap(false) {
		l.cause = err
		l.state.Store(int32(JournalDown))
	}
}

// step does what is due for the journal. It belongs to the deciding goroutine.
func (l *ledger) step(now time.Duration) {
	l.flush(now)
	if now-l.checked >= checkInterval {
		l.checked = now
		if l.journal.Down() == nil {
			if err := l.journal.Check(); err != nil {
				l.era.Add(1)
				l.fail(err)
			}
		}
	}
	if !l.on.Load() {
		l.resume(now)
	}
	if l.recovery == nil {
		l.compactor.step(l)
	}
	l.report()
}

// resume tries to write again.
func (l *ledger) resume(now time.Duration) {
	if l.retry == 0 {
		l.retry = now + retryInterval
	}
	if now < l.retry {
		return
	}
	l.retry = now + retryInterval
	if renewed, err := l.journal.Resume(); err != nil {
		l.mu.Lock()
		l.cause = err
		l.mu.Unlock()
		return
	} else if renewed {
		l.era.Add(1)
	}
	if l.journal.Crowded() {
		return
	}
	l.retry = 0
	l.state.Store(int32(JournalPartial))
	l.on.Store(true)
	l.compactor.restore()
}

// report has the observer know of changes.
func (l *ledger) report() {
	l.mu.Lock()
	cause := l.cause
	if JournalState(l.state.Load()) == JournalWhole {
		cause, l.cause = nil, nil
	}
	changed := (cause == nil) != (l.reported == nil)
	l.reported = cause
	l.mu.Unlock()
	if changed && l.journalObserver.Changed != nil {
		l.journalObserver.Changed(cause)
	}
}

// whole tells whether what was acknowledged is in the journal.
func (l *ledger) whole() bool { return l != nil && JournalState(l.state.Load()) == JournalWhole }

// stays notes spans that are left for the next start.
func (l *ledger) stays(spans int) { l.kept.Add(int64(spans)) }

func (l *ledger) stats() JournalStats {
	if l == nil {
		return JournalStats{}
	}
	s := JournalStats{State: JournalState(l.state.Load()), Bytes: l.journal.Bytes(), Live: l.live.Load(), Stays: l.kept.Load()}
	if r := l.found.Load(); r != nil {
		s.Recovery = *r
	}
	return s
}

// close gives the journal back. What is not over stays in it.
func (l *ledger) close() error {
	if l == nil {
		return nil
	}
	l.flush(l.flushed + flushInterval)
	l.compactor.close()
	l.recovery.close()
	return l.journal.Close()
}
