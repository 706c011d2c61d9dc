package tracediff

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

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
			if id, ok := b.Snapshot(); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
