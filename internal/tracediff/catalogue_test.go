package tracediff

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/store"
)

// hanging is a store whose queries cannot be read or written for as long as it hangs.
type hanging struct {
	store.Store
	hangs   atomic.Bool
	waiting atomic.Int32
}

func (h *hanging) wait(ctx context.Context) error {
	if !h.hangs.Load() {
		return nil
	}
	h.waiting.Add(1)
	defer h.waiting.Add(-1)
	<-ctx.Done()
	return errAway
}

func (h *hanging) Queries(ctx context.Context) ([]store.Query, error) {
	if err := h.wait(ctx); err != nil {
		return nil, err
	}
	return h.Store.Queries(ctx)
}

func (h *hanging) CreateQuery(ctx context.Context, q store.Query) error {
	if err := h.wait(ctx); err != nil {
		return err
	}
	return h.Store.CreateQuery(ctx, q)
}

func (h *hanging) PutQuery(ctx context.Context, q store.Query) error {
	if err := h.wait(ctx); err != nil {
		return err
	}
	return h.Store.PutQuery(ctx, q)
}

// While the store hangs in whatever the catalogue asks of it, queries can be read and windows close.
func TestQueriesWhileTheStoreHangs(t *testing.T) {
	for name, call := range map[string]func(context.Context, *running) error{
		"CreateQuery": func(ctx context.Context, r *running) error {
			_, err := r.CreateQuery(ctx, android(""))
			return err
		},
		"PutQuery": func(ctx context.Context, r *running) error {
			q := r.Queries()[1] // the first is of the configuration
			_, err := r.UpdateQuery(ctx, q.ID, q)
			return err
		},
		"Queries": func(ctx context.Context, r *running) error { return r.Service.queries.follow(ctx, time.Now()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var h *hanging
				r := started(t, history(t), func(c *Config) {
					h = &hanging{Store: c.Store}
					c.Store, c.Logger = h, zap.NewNop()
				})
				until(0)
				q := android("")
				q.CreatedAt = time.Now()
				q, err := r.CreateQuery(t.Context(), q)
				require.NoError(t, err)
				wait(beat / 2) // between two rounds of the service, one of which would else hang first
				h.hangs.Store(true)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				failed := make(chan error, 1)
				go func() { failed <- call(ctx, r) }()
				synctest.Wait()
				require.Equal(t, int32(1), h.waiting.Load())

				assert.Len(t, r.Queries(), 2)
				assert.Equal(t, q.Text, r.KnownQuery(q.ID).Text)
				r.send(10, 90*time.Second, 200)
				assert.EqualValues(t, 3, r.engine.Stats().Windows, "the minute before of one query, and the next one of both")
				another, stop := context.WithTimeout(t.Context(), time.Second)
				defer stop()
				_, err = r.DeleteQuery(another, q.ID)
				require.ErrorIs(t, err, context.DeadlineExceeded, "another change waits, but no longer than its caller")

				h.hangs.Store(false)
				require.ErrorIs(t, <-failed, store.ErrUnavailable)
				wait(follow + beat)
				assert.Len(t, r.Queries(), 2)
				_, err = r.DeleteQuery(t.Context(), q.ID)
				require.NoError(t, err)
				wait(10 * time.Second)
				assert.NotEmpty(t, r.finished, "what closed meanwhile was kept")
				r.stop()
			})
		})
	}
}

// A query that this version cannot evaluate, because a newer one has stored it, stands in nobody's way.
func TestQueryOfANewerVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, history(t), func(c *Config) { c.Logger = zap.NewNop() })
		newer, known := android("newer"), android("known")
		newer.Text, newer.Source, known.Source = "service LIKE-NOTHING-ELSE", store.FromAPI, store.FromAPI
		newer.CreatedAt = time.Unix(-1, 0)
		require.NoError(t, r.store.CreateQuery(t.Context(), newer))
		require.NoError(t, r.store.CreateQuery(t.Context(), known))
		wait(follow + beat)
		assert.Len(t, r.Queries(), 2)
		assert.Equal(t, newer.Text, r.KnownQuery("newer").Text)
		until(0)
		until(10 * time.Second)
		assert.NotEmpty(t, r.finished, "windows of the others are finished")
		r.stop()
	})
}
