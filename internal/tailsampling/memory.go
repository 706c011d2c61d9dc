package tailsampling

import (
	"context"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/traceassembly"
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
	traceassembly.Memory
	limit   int64
	kick    chan struct{} // capacity 1: somebody waits, do not wait for the next tick
	mu      sync.Mutex    // guards waiters
	waiters chan struct{} // closed when there is room again
}

func newMemory(limit int64) memory {
	return memory{limit: limit, kick: make(chan struct{}, 1), waiters: make(chan struct{})}
}

// full tells whether intake must wait; short whether traces must be decided early.
func (m *memory) full() bool  { return m.Used() >= m.limit }
func (m *memory) short() bool { return float64(m.Used()) > softShare*float64(m.limit) }

// excess is how much must go.
func (m *memory) excess() int64 { return m.Used() - int64(evictTo*float64(m.limit)) }

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
