package tracediff

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// queueShare is the part of the memory limit, as its denominator, that closed windows may take while the store is away.
const queueShare = 8

// queue holds closed windows, in stored form, until the store has taken them.
type queue struct {
	limit int // bytes

	mu    sync.Mutex // guards everything below
	parts []store.Part
	bytes int
}

// add appends a part, and drops the oldest where the limit would be passed. It returns how many it dropped.
func (q *queue) add(p store.Part) (dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.parts = append(q.parts, p)
	q.bytes += p.Size()
	for q.bytes > q.limit && len(q.parts) > 1 {
		q.bytes -= q.parts[0].Size()
		q.parts = q.parts[1:]
		dropped++
	}
	return dropped
}

func (q *queue) first() (store.Part, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.parts) == 0 {
		return store.Part{}, false
	}
	return q.parts[0], true
}

// done removes a part that the store has taken, unless it was dropped meanwhile.
func (q *queue) done(p *store.Part) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.parts) > 0 && q.parts[0].SnapshotID == p.SnapshotID {
		q.bytes -= q.parts[0].Size()
		q.parts = q.parts[1:]
	}
	if len(q.parts) == 0 {
		q.parts = nil // lets go of the array
	}
}

func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.parts)
}

// closed takes a window from the engine.
func (s *Service) closed(w window.Window) {
	q, ok := s.queries.known(w.QueryID)
	if !ok {
		return // removed while it closed
	}
	p, err := store.NewPart(s.collector, s.now(), w.End.Add(q.Lateness), w.Snapshot)
	p.Final = true
	if !w.Missed {
		p.Watched = store.Watch{From: w.From, Until: p.Due}
	}
	if err != nil {
		s.logger.Error("A window cannot be encoded", zap.String("snapshot", w.ID), zap.Error(err))
		s.config.Observer.LostWindows("encoding", 1)
		return
	}
	if dropped := s.queue.add(p); dropped > 0 {
		s.logger.Error("The database is away for too long: closed windows are lost", zap.Int("windows", dropped))
		s.config.Observer.LostWindows("store_unavailable", dropped)
	}
	s.hurry()
}

// hurry asks for a round now.
func (s *Service) hurry() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// flush hands closed windows to the store.
func (s *Service) flush(ctx context.Context) error {
	for {
		p, ok := s.queue.first()
		if !ok {
			return nil
		}
		if err := s.store.SavePart(ctx, p); err != nil {
			return err
		}
		s.queue.done(&p)
	}
}

// Checkpoints of open windows are made often enough for little to be lost in a crash, and seldom enough to take no more than
// a twentieth of a core.
const (
	shortestCheckpoint = 2 * time.Second
	longestCheckpoint  = 30 * time.Second
	checkpointsAWindow = 10
	checkpointCost     = 20
)

// checkpoint saves what open windows hold so far.
func (s *Service) checkpoint(ctx context.Context, now time.Time) error {
	for _, q := range s.queries.list() {
		name := "checkpoint " + q.ID
		every := min(longestCheckpoint, max(shortestCheckpoint, q.Window/checkpointsAWindow))
		if !s.rhythm.due(name, now, max(every, checkpointCost*s.rhythm.took[name])) {
			continue
		}
		begun := s.now()
		if err := s.saveOpen(ctx, &q, time.Time{}); err != nil {
			return err
		}
		s.rhythm.took[name] = s.now().Sub(begun)
	}
	s.rhythm.forget(s.queries.list())
	return nil
}

// saveOpen saves what the open windows of a query hold, even if that is nothing: from then on there is one more collector to wait for,
// and the window is partial if nothing follows. left is when the collector took its last spans and lost none, if it does not go on.
func (s *Service) saveOpen(ctx context.Context, q *store.Query, left time.Time) error {
	for _, w := range s.engine.Open(q.ID) {
		p, err := store.NewPart(s.collector, s.now(), w.End.Add(q.Lateness), w.Snapshot)
		if err != nil {
			return err
		}
		if !left.IsZero() && !w.Missed {
			p.Final, p.Watched = true, store.Watch{From: w.From, Until: left}
		}
		if err := s.store.SavePart(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// windowStart is the start of the window that a time falls into: a multiple of its length since 1970.
func windowStart(at time.Time, length time.Duration) time.Time {
	n := at.UnixNano()
	return time.Unix(0, n-n%int64(length)).UTC()
}

// forget drops what is known of checkpoints of queries that are gone.
func (r *rhythm) forget(live []store.Query) {
	if len(r.took) <= len(live) {
		return
	}
	names := map[string]bool{}
	for _, q := range live {
		names["checkpoint "+q.ID] = true
	}
	for name := range r.took {
		if !names[name] {
			delete(r.took, name)
			delete(r.last, name)
		}
	}
}

func randomID() string {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id)
}
