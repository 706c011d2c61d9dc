package tracediff

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// Config of a Service.
type Config struct {
	Name      string        // of the component; tells collectors apart, with the host and the process
	Queries   []store.Query // of the configuration, complete and checked
	Defaults  Defaults      // for those that come over the API
	Limits    window.Limits
	Wait      time.Duration // for the rest of a trace
	Retention time.Duration
	Targets   map[string]alert.Target
	Store     store.Store // closed by Shutdown
	Clock     func() time.Time
	Logger    *zap.Logger
	Observer  Observer
}

// Observer is told what happens, for metrics and status. Its methods are called from several goroutines.
type Observer interface {
	// Finished tells of a window that was written.
	Finished(query string, s *snapshot.Snapshot)
	// Compared tells of a diff that was written.
	Compared(query string, d *store.Diff)
	// LostWindows tells of closed windows that never reached the store.
	LostWindows(reason string, n int)
	// Available tells whether the store answers, each time that changes; err says why not.
	Available(err error)
	// Alerted tells of attempts to deliver alerts.
	Alerted(target string, outcome alert.Outcome, alerts int)
}

// Service is trace diff without its surroundings.
type Service struct {
	config    Config
	store     store.Store
	engine    *window.Engine
	logger    *zap.Logger
	now       func() time.Time
	collector string // this process, in the store
	queries   *catalogue
	queue     queue
	alerts    *alert.Deliverer
	available availability
	rhythm    rhythm
	kick      chan struct{} // asks the store's goroutine for a round at once

	mu      sync.Mutex // guards everything below
	stop    context.CancelFunc
	running sync.WaitGroup
	ended   bool
}

// New makes a Service. It takes spans from then on; nothing is written before Start.
func New(c Config) (*Service, error) {
	collector, err := collectorID(c.Name)
	if err != nil {
		return nil, err
	}
	s := &Service{
		config: c, store: c.Store, logger: c.Logger, now: c.Clock, collector: collector, kick: make(chan struct{}, 1),
		queue: queue{limit: int(c.Limits.MemoryBytes / queueShare)}, rhythm: rhythm{last: map[string]time.Time{}, took: map[string]time.Duration{}},
	}
	limits := c.Limits
	limits.MemoryBytes -= int64(s.queue.limit)
	s.engine, err = window.New(window.Config{Wait: c.Wait, Limits: limits, Clock: c.Clock, Closed: s.closed})
	if err != nil {
		return nil, err
	}
	s.alerts = &alert.Deliverer{
		Outbox: c.Store, Targets: c.Targets, Logger: c.Logger, Observe: c.Observer.Alerted,
		Random: mathrand.New(mathrand.NewPCG(uint64(c.Clock().UnixNano()), 0)),
	}
	s.available = availability{logger: c.Logger, tell: c.Observer.Available, away: map[string]bool{}}
	s.queries, err = newCatalogue(c.Store, s.engine, c.Logger, c.Queries)
	return s, err
}

// collectorID names this process in the store. A restart makes a new one: what the one before has left is its own.
func collectorID(component string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("the host's name tells collectors apart: %w", err)
	}
	random := make([]byte, 6)
	_, _ = rand.Read(random) // never fails
	return host + "/" + component + "/" + hex.EncodeToString(random), nil
}

// Consume takes in spans. It keeps nothing of td.
func (s *Service) Consume(td ptrace.Traces) error { return s.engine.Consume(td) }

// Stats are the engine's counts, and the bytes of closed windows that wait for the store.
func (s *Service) Stats() (window.Stats, int) { return s.engine.Stats(), s.queue.size() }

// Start begins to close windows and to write.
func (s *Service) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.engine.Start()
	s.running.Go(func() { s.loop(ctx, "history", s.round, s.kick) })
	s.running.Go(func() { s.loop(ctx, "alerts", s.deliver, nil) })
}

// beat is how often the service looks for work.
const beat = time.Second

func (s *Service) loop(ctx context.Context, name string, work func(context.Context) error, at <-chan struct{}) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		err := work(ctx)
		if ctx.Err() == nil {
			s.available.note(name, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-at:
		}
	}
}

// round does all that the store is needed for, but alerts. The first failure ends it: the rest would fail as well.
func (s *Service) round(ctx context.Context) error {
	now := s.now()
	if s.rhythm.due("seen", now, heartbeat) {
		if err := s.store.Seen(ctx, s.collector, now); err != nil {
			s.rhythm.again("seen")
			return err
		}
	}
	if s.rhythm.due("queries", now, follow) {
		if err := s.queries.follow(ctx, now); err != nil {
			s.rhythm.again("queries")
			return err
		}
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	if err := s.checkpoint(ctx, now); err != nil {
		return err
	}
	if err := s.finishAll(ctx, now); err != nil {
		return err
	}
	if s.rhythm.due("expire", now, expireInterval) {
		return s.expire(ctx, now)
	}
	return nil
}

// How often things are done that need not be done each time.
const (
	heartbeat      = 3 * time.Second
	gone           = 15 * time.Second // without a heartbeat for so long, a collector is taken to be gone
	expireInterval = 10 * time.Minute
	leaseLength    = 30 * time.Second
)

// deliver says what is in the outbox, if no other collector does.
func (s *Service) deliver(ctx context.Context) error {
	if len(s.config.Targets) == 0 {
		return nil
	}
	now := s.now()
	held, err := s.store.Lease(ctx, "alerts", s.collector, now, now.Add(leaseLength))
	if err != nil || !held {
		return err
	}
	return s.alerts.Deliver(ctx, now)
}

// expire removes what is older than the retention.
func (s *Service) expire(ctx context.Context, now time.Time) error {
	held, err := s.store.Lease(ctx, "expire", s.collector, now, now.Add(expireInterval))
	if err != nil || !held {
		return err
	}
	done, err := s.store.Expire(ctx, now.Add(-s.config.Retention), s.queries.pinned())
	if done != (store.Expired{}) {
		s.logger.Info("Old history was removed", zap.Int64("snapshots", done.Snapshots), zap.Int64("diffs", done.Diffs))
	}
	if err != nil {
		return err
	}
	return s.endOrphans(ctx, now)
}

// endOrphans resolves alerts of queries that nobody evaluates any more, because they were taken out of the configuration:
// no window will ever clear them.
func (s *Service) endOrphans(ctx context.Context, now time.Time) error {
	alerts, err := s.store.Alerts(ctx, "")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range alerts {
		id := alerts[i].QueryID
		if _, live := s.queries.get(id); live || alerts[i].Status != store.Firing || seen[id] {
			continue
		}
		seen[id] = true
		last, err := s.store.SnapshotBefore(ctx, id, now.Add(far))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil && now.Before(last.End.Add(2*last.End.Sub(last.Start)+orphaned)) {
			continue // another collector may still evaluate it
		}
		if err := s.store.ForgetQuery(ctx, id, now); err != nil {
			return err
		}
	}
	return nil
}

// orphaned is for how long beyond two of its windows a query is given.
const orphaned = 15 * time.Minute

// Shutdown takes no more spans, saves what open windows hold, for whoever finishes them, and closes the store.
func (s *Service) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	s.ended = true
	left := s.now()
	errs := []error{s.engine.Shutdown(ctx)}
	if errs[0] != nil {
		left = time.Time{} // traces that were being put together are lost
	}
	if s.stop != nil {
		s.stop()
		s.running.Wait()
		errs = append(errs, s.farewell(ctx, left))
	}
	return errors.Join(append(errs, s.store.Close())...)
}

// farewell writes what is left; left is when the last spans were taken. A store that is away loses nothing but what there is to write.
func (s *Service) farewell(ctx context.Context, left time.Time) error {
	if err := s.flush(ctx); err != nil {
		s.config.Observer.LostWindows("shutdown", s.queue.len())
		return fmt.Errorf("closed windows are lost: %w", err)
	}
	for _, q := range s.queries.list() {
		if err := s.saveOpen(ctx, &q, left); err != nil {
			return fmt.Errorf("open windows are lost but for their last checkpoint: %w", err)
		}
	}
	if err := s.store.Leave(ctx, s.collector); err != nil {
		s.logger.Info("Other collectors will notice only after a while that this one has left", zap.Error(err))
	}
	return nil
}
