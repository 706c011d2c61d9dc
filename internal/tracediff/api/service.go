package api

import (
	"context"
	"net/http"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Service is what the handlers need of trace diff.
type Service interface {
	Queries() []store.Query
	Query(id string) (store.Query, error)
	KnownQuery(id string) store.Query
	// Thresholds are those of queries that name none.
	Thresholds() compare.Thresholds
	CreateQuery(ctx context.Context, q store.Query) (store.Query, error)
	UpdateQuery(ctx context.Context, id string, q store.Query) (store.Query, error)
	DeleteQuery(ctx context.Context, id string) (store.Query, error)

	Snapshots(ctx context.Context, f store.SnapshotFilter, p store.Page) ([]store.Snapshot, error)
	Snapshot(ctx context.Context, id string) (store.Snapshot, error)
	SnapshotBefore(ctx context.Context, queryID string, before time.Time) (store.Snapshot, error)
	TakeSnapshot(ctx context.Context, queryID string) (store.Snapshot, error)
	DeleteSnapshot(ctx context.Context, id string) (store.Snapshot, error)

	Diffs(ctx context.Context, f store.DiffFilter, p store.Page) ([]*store.Diff, error)
	Diff(ctx context.Context, id string) (*store.Diff, error)
	Compare(ctx context.Context, a, b string, keys []string) (*store.Diff, error)
	SideBySide(ctx context.Context, a, b string, keys []string) (*store.Diff, error)
	DeleteDiff(ctx context.Context, id string) (*store.Diff, error)

	Alerts(ctx context.Context, queryID string) ([]store.Alert, error)
}

// handlers answer requests.
type handlers struct {
	service Service
	costly  console.Shared[reply]
	turn    chan struct{} // has one element while somebody's question is answered that inTurn lets in
}

// shared answers what pages in several browsers ask at the same time once for all of them, and one such question after the other: each reads
// up to thousands of windows.
func (h *handlers) shared(handle func(*http.Request) (reply, error)) func(*http.Request) (reply, error) {
	return func(r *http.Request) (reply, error) {
		return h.costly.Get(r.Context(), r.URL.RequestURI(), func(context.Context) (reply, error) { return handle(r) })
	}
}

// inTurn answers one such question after the other: a stored diff or snapshot has thousands of changes or groups, and all of a page are read at
// once. Many clients that ask at the same time must not take memory for as many pages.
func (h *handlers) inTurn(handle func(*http.Request) (reply, error)) func(*http.Request) (reply, error) {
	return func(r *http.Request) (reply, error) {
		select {
		case h.turn <- struct{}{}:
			defer func() { <-h.turn }()
			return handle(r)
		case <-r.Context().Done(): // the client has gone
			return reply{}, r.Context().Err()
		}
	}
}
