package tracediff

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/store"
)

// follow brings the engine in step with the store, to which other collectors write as well.
func (c *catalogue) follow(ctx context.Context, now time.Time) error {
	return c.change(ctx, func() error {
		all, err := c.store.Queries(ctx)
		if err != nil {
			return err
		}
		if !c.saved {
			for _, q := range c.fixed {
				if err := c.save(ctx, q, all, now); err != nil {
					return err
				}
			}
			c.saved = true
			if all, err = c.store.Queries(ctx); err != nil {
				return err
			}
		}
		c.adopt(all)
		return nil
	})
}

// save writes a query of the configuration into the store. The history of one that has changed since begins anew.
func (c *catalogue) save(ctx context.Context, q store.Query, all []store.Query, now time.Time) error {
	at := slices.IndexFunc(all, func(have store.Query) bool { return have.ID == q.ID })
	anew := false
	if at >= 0 {
		have := &all[at]
		anew = evaluated(have) != evaluated(&q)
		if q.ChangedAt = have.ChangedAt; definition(have) != definition(&q) {
			q.ChangedAt = now
		}
	}
	if err := c.store.PutQuery(ctx, q); err != nil {
		return err
	}
	c.mu.Lock()
	c.active[q.ID] = q
	c.mu.Unlock()
	if !anew {
		return nil
	}
	return c.store.ForgetQuery(ctx, q.ID, now)
}

// adopt takes over what the store has.
func (c *catalogue) adopt(all []store.Query) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stored = make(map[string]store.Query, len(all))
	for i := range all {
		q := &all[i]
		c.stored[q.ID] = *q
		if _, fixed := c.fixed[q.ID]; fixed || q.Source != store.FromAPI || !q.DeletedAt.IsZero() {
			continue
		}
		// A query of a newer version, say, may be beyond this one: the others go on.
		if err := c.activate(*q); err != nil && c.refused[q.ID] != evaluated(q) {
			c.logger.Error("A query of the database is not evaluated", zap.String("query", q.Name), zap.Error(err))
			c.refused[q.ID] = evaluated(q)
		}
	}
	for id := range c.active {
		q, ok := c.stored[id]
		if _, fixed := c.fixed[id]; !fixed && (!ok || !q.DeletedAt.IsZero()) {
			c.deactivate(id)
		}
	}
}
