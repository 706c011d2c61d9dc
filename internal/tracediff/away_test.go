package tracediff

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// away is a store that can be made to fail.
type away struct {
	store.Store
	gone atomic.Bool
}

var errAway = errors.Join(store.ErrUnavailable, errors.New("no route to host"))

func (a *away) SavePart(ctx context.Context, p store.Part) error {
	if a.gone.Load() {
		return errAway
	}
	return a.Store.SavePart(ctx, p)
}

func (a *away) Seen(ctx context.Context, collector string, now time.Time) error {
	if a.gone.Load() {
		return errAway
	}
	return a.Store.Seen(ctx, collector, now)
}

func (a *away) Pending(ctx context.Context, now time.Time) ([]store.Pending, error) {
	if a.gone.Load() {
		return nil, errAway
	}
	return a.Store.Pending(ctx, now)
}

// Ten minutes without the database cost nothing but time.
func TestStoreAwayForTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a *away
		r := started(t, history(t), func(c *Config) {
			a = &away{Store: c.Store}
			c.Store = a
		})
		until(0)
		r.send(60, time.Minute, 200)
		a.gone.Store(true)
		for range 10 {
			r.send(60, time.Minute, 200)
		}
		_, queued := r.Stats()
		assert.Positive(t, queued)
		assert.Less(t, queued, 1<<20)
		a.gone.Store(false)
		wait(20 * time.Second)
		_, queued = r.Stats()
		assert.Zero(t, queued)
		require.Len(t, r.states, 2)
		require.ErrorIs(t, r.states[0], store.ErrUnavailable)
		require.NoError(t, r.states[1])
		assert.Empty(t, r.lost)
		require.Len(t, r.finished, 12, "the idle minute before, and eleven")
		for _, s := range r.finished[1:] {
			assert.Equal(t, snapshot.Complete, s.State)
			assert.Equal(t, uint64(120), s.Coverage.Spans)
		}
		assert.Len(t, r.diffs, 11, "each with the one before it")
		for i, d := range r.diffs {
			assert.Equal(t, r.finished[i].ID, d.A.SnapshotID)
		}
		r.stop()
	})
}

// Longer than memory allows, the oldest windows go, and are counted.
func TestStoreAwayForTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a *away
		r := started(t, history(t), func(c *Config) {
			a = &away{Store: c.Store}
			a.gone.Store(true)
			c.Store, c.Logger = a, zap.NewNop()
		})
		r.queue.limit = 4000
		until(0)
		for range 10 {
			r.send(20, time.Minute, 200)
		}
		_, queued := r.Stats()
		assert.LessOrEqual(t, queued, 4000)
		assert.Positive(t, r.lost["store_unavailable"])
		kept := r.queue.len()
		assert.Equal(t, 10, kept+r.lost["store_unavailable"], "each window is kept or counted as lost")
		a.gone.Store(false)
		wait(10 * time.Second)
		assert.GreaterOrEqual(t, len(r.finished), kept)
		r.stop()
	})
}
