package tailsampling

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Traces are decided early from softShare of the memory limit on, down to evictTo of it; intake stops at the limit.
const (
	softShare = 0.9
	evictTo   = 0.8
	// patience is how long Consume waits for room before it answers with a retryable error.
	patience = 500 * time.Millisecond
)

// memory counts the bytes in use and lets intake wait for room.
type memory struct {
	limit   int64
	used    atomic.Int64
	kick    chan struct{} // capacity 1: somebody waits, do not wait for the next tick
	mu      sync.Mutex    // guards waiters
	waiters chan struct{} // closed when there is room again
}

func newMemory(limit int64) memory {
	return memory{limit: limit, kick: make(chan struct{}, 1), waiters: make(chan struct{})}
}

// full tells whether intake must wait; short whether traces must be decided early.
func (m *memory) full() bool  { return m.used.Load() >= m.limit }
func (m *memory) short() bool { return float64(m.used.Load()) > softShare*float64(m.limit) }

// excess is how much must go.
func (m *memory) excess() int64 { return m.used.Load() - int64(evictTo*float64(m.limit)) }

// turn returns the channel that is closed when there is room.
func (m *memory) turn() chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.waiters
}

// announce wakes all that wait, if there is room.
func (m *memory) announce() {
	if m.full() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.waiters)
	m.waiters = make(chan struct{})
}

// wait returns when there is room, with ErrFull when patience is at its end, or with the context's error.
func (m *memory) wait(ctx context.Context) error {
	if !m.full() {
		return nil
	}
	patient := time.NewTimer(patience)
	defer patient.Stop()
	for {
		turn := m.turn()
		if !m.full() {
			return nil
		}
		select {
		case m.kick <- struct{}{}:
		default:
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return ctx.Err()
		case <-patient.C:
			return ErrFull
		}
	}
}

// account brings the count up to date with what a shard holds. The shard's lock is held.
func (m *memory) account(s *shard) {
	n := s.bytes()
	m.used.Add(n - s.accounted)
	s.accounted = n
}

// evict has the oldest traces of every shard decided before they are complete, until those left fit.
func (e *Engine) evict(now time.Duration) {
	each := e.memory.excess()/int64(len(e.shards)) + 1
	for at, s := range e.shards {
		for bytes := each; e.force(uint16(at), s, &bytes, reasonOverflow); {
			e.selectDue(now)
		}
	}
	e.decider.urgent = true
}

// maxCandidates bounds how many traces come up for decision at once where all at hand are forced to.
const maxCandidates = 1 << 14

// force makes candidates of the oldest traces of a shard, as they stand, until they held that many bytes. It returns true
// when there are more, but enough candidates for now.
func (e *Engine) force(at uint16, s *shard, bytes *int64, reason string) (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := s.oldest; i != none && *bytes > 0; {
		t := s.table.at(i)
		newer := t.newer
		if !t.has(due) {
			if len(e.decider.candidates) >= maxCandidates {
				return true
			}
			*bytes -= int64(t.spans.Bytes())
			s.wheel.remove(i)
			if t.has(lateSpans) {
				e.releaseLate(s, at, i)
			} else {
				e.judge(at, s, i, t, reason)
			}
		}
		i = newer
	}
	return false
}
