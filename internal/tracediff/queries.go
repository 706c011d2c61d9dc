package tracediff

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// Errors of what the API asks for.
var (
	// ErrReadOnly is for queries of the configuration.
	ErrReadOnly = errors.New("the query is part of the configuration, and can only be changed there")
	// ErrTooMany is for one query more than there may be.
	ErrTooMany = fmt.Errorf("there are %d queries, and there can be no more; delete one first", maxQueries)
)

// InvalidError is what is wrong with a definition that came over the API.
type InvalidError []KeyError

func (i InvalidError) Error() string {
	lines := make([]string, len(i))
	for n, p := range i {
		lines[n] = p.Error()
	}
	return strings.Join(lines, "; ")
}

const (
	maxQueries = 200
	follow     = 5 * time.Second // how soon a query that another collector was given is known here
)

// ConfigID is the id of a query of the configuration, the same after a restart and in all collectors.
func ConfigID(name string) string {
	sum := sha256.Sum256([]byte("config:" + name))
	return hex.EncodeToString(sum[:6])
}

// catalogue knows all queries: those of the configuration, those of the API, and for their text those that are no more.
type catalogue struct {
	mu     sync.Mutex             // guards everything below
	fixed  map[string]store.Query // of the configuration
	stored map[string]store.Query // as the store has them; also deleted ones
	active map[string]store.Query // as the engine has them
	saved  bool                   // the fixed ones are in the store
}

func (c *catalogue) begin(engine *window.Engine, queries []store.Query) error {
	c.fixed, c.stored, c.active = map[string]store.Query{}, map[string]store.Query{}, map[string]store.Query{}
	for _, q := range queries {
		c.fixed[q.ID] = q
		if err := c.activate(engine, q); err != nil {
			return err
		}
	}
	return nil
}

// activate makes the engine evaluate a query. The caller holds mu, or nobody else knows the catalogue.
func (c *catalogue) activate(engine *window.Engine, q store.Query) error {
	parsed, err := query.Parse(q.Text)
	if err != nil {
		return err
	}
	if _, ok := c.active[q.ID]; ok {
		engine.RemoveQuery(q.ID)
		delete(c.active, q.ID)
	}
	err = engine.AddQuery(window.Query{
		ID: q.ID, Query: parsed, Scope: window.Scope(q.Scope), Keys: q.GroupBy, Window: q.Window, Lateness: q.Lateness,
	})
	if err == nil {
		c.active[q.ID] = q
	}
	return err
}

// follow brings the engine in step with the store.
func (c *catalogue) follow(ctx context.Context, s *Service, now time.Time) error {
	if !s.rhythm.due("queries", now, follow) {
		return nil
	}
	err := c.read(ctx, s)
	if err != nil {
		s.rhythm.again("queries")
	}
	return err
}

func (c *catalogue) read(ctx context.Context, s *Service) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.saved {
		for _, q := range c.fixed {
			if err := s.store.PutQuery(ctx, q); err != nil {
				return err
			}
		}
		c.saved = true
	}
	all, err := s.store.Queries(ctx)
	if err != nil {
		return err
	}
	clear(c.stored)
	for _, q := range all {
		c.stored[q.ID] = q
		if _, fixed := c.fixed[q.ID]; fixed || q.Source != store.FromAPI {
			continue
		}
		have, active := c.active[q.ID]
		switch {
		case !q.DeletedAt.IsZero():
		case !active, evaluated(&have) != evaluated(&q):
			if err := c.activate(s.engine, q); err != nil { // one of a newer version, say
				return fmt.Errorf("query %s is not evaluated: %w", q.ID, err)
			}
		default:
			c.active[q.ID] = q
		}
	}
	for id := range c.active {
		q, ok := c.stored[id]
		if _, fixed := c.fixed[id]; !fixed && (!ok || !q.DeletedAt.IsZero()) {
			s.engine.RemoveQuery(id)
			delete(c.active, id)
		}
	}
	return nil
}

// evaluated is what of a query the engine looks at: a change of it begins a new history.
func evaluated(q *store.Query) string {
	return fmt.Sprintf("%q %q %q %v %v", q.Text, q.Scope, q.GroupBy, q.Window, q.Lateness)
}

// list is the queries that live, oldest first.
func (c *catalogue) list() []store.Query {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]store.Query, 0, len(c.active))
	for _, q := range c.active {
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b store.Query) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all
}

func (c *catalogue) get(id string) (store.Query, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q, ok := c.active[id]
	return q, ok
}

// known is a query that lives or lived.
func (c *catalogue) known(id string) (store.Query, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q, ok := c.active[id]; ok {
		return q, true
	}
	q, ok := c.stored[id]
	return q, ok
}

// pinned lists the snapshots that are baselines.
func (c *catalogue) pinned() (ids []string) {
	for _, q := range c.list() {
		for _, b := range q.Baselines {
			if id, ok := strings.CutPrefix(b, pin); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// Queries lists those that live, oldest first.
func (s *Service) Queries() []store.Query { return s.queries.list() }

// Query is one that lives.
func (s *Service) Query(id string) (store.Query, error) {
	q, ok := s.queries.get(id)
	if !ok {
		return q, store.ErrNotFound
	}
	return q, nil
}

// KnownQuery is one that lives or lived; it is empty if nothing is known of it any more.
func (s *Service) KnownQuery(id string) store.Query {
	q, _ := s.queries.known(id)
	return q
}

// complete fills in and checks a definition from the API.
func (s *Service) complete(q *store.Query) error {
	s.config.Defaults.Complete(q)
	targets := make([]string, 0, len(s.config.Targets))
	for name := range s.config.Targets {
		targets = append(targets, name)
	}
	slices.Sort(targets)
	if wrong := Check(q, targets); len(wrong) > 0 {
		return InvalidError(wrong)
	}
	return nil
}

// CreateQuery adds a query, and evaluates it at once.
func (s *Service) CreateQuery(ctx context.Context, q store.Query) (store.Query, error) {
	q.ID, q.Source = randomID(), store.FromAPI
	if q.CreatedAt.IsZero() {
		q.CreatedAt = s.now().Truncate(time.Second)
	}
	if err := s.complete(&q); err != nil {
		return q, err
	}
	err := s.changeQueries(func() error {
		if len(s.queries.active) >= maxQueries {
			return ErrTooMany
		}
		if err := s.store.CreateQuery(ctx, q); err != nil {
			return err
		}
		s.queries.stored[q.ID] = q
		return s.queries.activate(s.engine, q)
	})
	if err != nil {
		return q, err
	}
	s.announceNow(ctx, &q)
	return q, nil
}

// announceNow makes the window of a query visible at once. If that fails, the next checkpoint does it.
func (s *Service) announceNow(ctx context.Context, q *store.Query) {
	if err := s.announce(ctx, q); err != nil {
		s.logger.Warn("The window of a new query shows later", zap.String("query", q.Name), zap.Error(err))
	}
}

// UpdateQuery replaces a definition. If that changes what is aggregated, its history begins anew.
func (s *Service) UpdateQuery(ctx context.Context, id string, q store.Query) (store.Query, error) {
	have, err := s.writable(id)
	if err != nil {
		return q, err
	}
	q.ID, q.Source = id, store.FromAPI
	if q.CreatedAt.IsZero() {
		q.CreatedAt = have.CreatedAt
	}
	if err := s.complete(&q); err != nil {
		return q, err
	}
	anew := evaluated(&have) != evaluated(&q)
	err = s.changeQueries(func() error {
		if err := s.store.PutQuery(ctx, q); err != nil {
			return err
		}
		s.queries.stored[id] = q
		if !anew {
			s.queries.active[id] = q
			return nil
		}
		if err := s.store.ForgetQuery(ctx, id, s.now()); err != nil {
			return err
		}
		return s.queries.activate(s.engine, q)
	})
	if err == nil && anew {
		s.announceNow(ctx, &q)
	}
	return q, err
}

// DeleteQuery ends a query and its alerts. Its snapshots and diffs stay for as long as the retention says.
func (s *Service) DeleteQuery(ctx context.Context, id string) (store.Query, error) {
	q, err := s.writable(id)
	if err != nil {
		return q, err
	}
	return q, s.changeQueries(func() error {
		if err := s.store.DeleteQuery(ctx, id, s.now()); err != nil {
			return err
		}
		s.engine.RemoveQuery(id)
		delete(s.queries.active, id)
		return nil
	})
}

func (s *Service) writable(id string) (store.Query, error) {
	q, err := s.Query(id)
	if err == nil && q.Source != store.FromAPI {
		err = ErrReadOnly
	}
	return q, err
}

// changeQueries runs a change with the catalogue to itself.
func (s *Service) changeQueries(change func() error) error {
	s.queries.mu.Lock()
	defer s.queries.mu.Unlock()
	return change()
}

// Thresholds are those of queries that name none.
func (s *Service) Thresholds() compare.Thresholds { return s.config.Defaults.Thresholds }
