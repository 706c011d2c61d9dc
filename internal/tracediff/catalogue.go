package tracediff

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// catalogue knows all queries: those of the configuration, those of the API, and for their text those that are no more. It keeps
// the engine in step with them.
//
// The store may take its time, and closing windows must not wait for it. So a change has its turn for as long as it takes, first
// in the store; then it takes mu, for as long as the engine needs to follow. Readers only ever take mu.
type catalogue struct {
	store  store.Queries
	engine *window.Engine
	logger *zap.Logger
	fixed  map[string]store.Query // of the configuration; never changed

	turn    chan struct{}     // holds an element while a change is under way
	saved   bool              // the fixed ones are in the store; belongs to whose turn it is
	refused map[string]string // by id: definitions that cannot be evaluated, logged once; belongs to whose turn it is

	mu     sync.RWMutex           // guards everything below; changes have their turn as well
	stored map[string]store.Query // as the store has them; also deleted ones
	active map[string]store.Query // as the engine has them
}

// newCatalogue begins with the queries of the configuration.
func newCatalogue(s store.Queries, engine *window.Engine, logger *zap.Logger, queries []store.Query) (*catalogue, error) {
	c := &catalogue{
		store: s, engine: engine, logger: logger, turn: make(chan struct{}, 1), refused: map[string]string{},
		fixed: map[string]store.Query{}, stored: map[string]store.Query{}, active: map[string]store.Query{},
	}
	for _, q := range queries {
		c.fixed[q.ID] = q
		if err := c.activate(q); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// change runs a change when those before it are done.
func (c *catalogue) change(ctx context.Context, f func() error) error {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
		return f()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// create adds a query, if there is room for it.
func (c *catalogue) create(ctx context.Context, q store.Query) error {
	return c.change(ctx, func() error {
		if err := c.room(&q); err != nil {
			return err
		}
		if err := c.store.CreateQuery(ctx, q); err != nil {
			return err
		}
		return c.put(q)
	})
}

// room refuses a query that the engine would have no room for, before it is in the store. Those that ask for the duration of traces
// take more of it than others.
func (c *catalogue) room(q *store.Query) error {
	parsed, err := query.Parse(q.Text)
	if err != nil {
		return err
	}
	taken := parsed.Ranges()
	for _, other := range c.engine.Queries() {
		if other.ID != q.ID {
			taken += other.Query.Ranges()
		}
	}
	if taken > maxQueries {
		return ErrTooMany
	}
	return nil
}

// replace replaces the definition of a query that lives. anew says that its history begins anew. It notes
// in q when it began to select other traces.
func (c *catalogue) replace(ctx context.Context, q *store.Query, now time.Time) (anew bool, err error) {
	err = c.change(ctx, func() error {
		have, ok := c.get(q.ID)
		if !ok {
			return store.ErrNotFound // it was deleted meanwhile
		}
		if err := c.room(q); err != nil {
			return err
		}
		if q.ChangedAt = have.ChangedAt; definition(&have) != definition(q) {
			q.ChangedAt = now
		}
		if err := c.store.PutQuery(ctx, *q); err != nil {
			return err
		}
		if anew = evaluated(&have) != evaluated(q); anew {
			if err := c.store.ForgetQuery(ctx, q.ID, now); err != nil {
				return err
			}
		}
		return c.put(*q)
	})
	return anew, err
}

// remove ends a query.
func (c *catalogue) remove(ctx context.Context, id string, now time.Time) error {
	return c.change(ctx, func() error {
		if err := c.store.DeleteQuery(ctx, id, now); err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.deactivate(id)
		return nil
	})
}

// put takes over a query that the store has taken.
func (c *catalogue) put(q store.Query) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stored[q.ID] = q
	return c.activate(q)
}

// activate makes the engine evaluate a query, from the beginning unless only other things have changed. The caller holds mu, or
// nobody else knows the catalogue.
func (c *catalogue) activate(q store.Query) error {
	if have, ok := c.active[q.ID]; ok && evaluated(&have) == evaluated(&q) {
		c.active[q.ID] = q
		return nil
	}
	parsed, err := query.Parse(q.Text)
	if err != nil {
		return err
	}
	c.deactivate(q.ID)
	err = c.engine.AddQuery(window.Query{
		ID: q.ID, Query: parsed, Text: q.Text, Scope: window.Scope(q.Scope), Keys: q.GroupBy, Window: q.Window, Lateness: q.Lateness,
	})
	if err == nil {
		c.active[q.ID] = q
	}
	return err
}

// deactivate ends the evaluation of a query, if there is one. The caller holds mu.
func (c *catalogue) deactivate(id string) {
	if _, ok := c.active[id]; ok {
		c.engine.RemoveQuery(id)
		delete(c.active, id)
	}
}

// definition says which traces a query selects.
func definition(q *store.Query) snapshot.Definition {
	return snapshot.Definition{Text: q.Text, Scope: q.Scope}
}

// evaluated is what of a query the engine looks at: a change of it begins a new history.
func evaluated(q *store.Query) string {
	return fmt.Sprintf("%q %q %q %v %v", q.Text, q.Scope, q.GroupBy, q.Window, q.Lateness)
}

// list is the queries that live, oldest first.
func (c *catalogue) list() []store.Query {
	c.mu.RLock()
	all := slices.Collect(maps.Values(c.active))
	c.mu.RUnlock()
	slices.SortFunc(all, func(a, b store.Query) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all
}

func (c *catalogue) get(id string) (store.Query, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	q, ok := c.active[id]
	return q, ok
}

// known is a query that lives or lived.
func (c *catalogue) known(id string) (store.Query, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
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
