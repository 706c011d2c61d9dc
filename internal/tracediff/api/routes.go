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
type handlers struct{ service Service }

// Routes are all there are.
func Routes(s Service) []console.Route {
	h := &handlers{s}
	route := func(method, path, summary string, handle func(*http.Request) (reply, error)) console.Route {
		return console.Route{Method: method, Path: path, Summary: summary, Handler: answering(handle)}
	}
	return []console.Route{
		route(http.MethodGet, "/api/queries", "list the queries", h.listQueries),
		route(http.MethodPost, "/api/queries", "add a query; it is evaluated at once", h.createQuery),
		route(http.MethodGet, "/api/queries/{id}", "a query", h.getQuery),
		route(http.MethodPut, "/api/queries/{id}", "replace a query of the API", h.updateQuery),
		route(http.MethodDelete, "/api/queries/{id}", "end a query of the API", h.deleteQuery),

		route(http.MethodGet, "/api/snapshots", "list the snapshots, newest first", h.listSnapshots),
		route(http.MethodPost, "/api/snapshots", "take a snapshot of the present window", h.takeSnapshot),
		route(http.MethodGet, "/api/snapshots/{id}", "a snapshot with its groups", h.getSnapshot),
		route(http.MethodDelete, "/api/snapshots/{id}", "remove a snapshot", h.deleteSnapshot),

		route(http.MethodGet, "/api/diffs", "list the diffs, newest first", h.listDiffs),
		route(http.MethodPost, "/api/diffs", "compare two snapshots", h.createDiff),
		route(http.MethodGet, "/api/diffs/{id}", "a diff; as Markdown with .md behind the id", h.getDiff),
		route(http.MethodDelete, "/api/diffs/{id}", "remove a diff", h.deleteDiff),

		route(http.MethodGet, "/api/topology", "the system as a window saw it, as JSON or DOT", h.getTopology),
		route(http.MethodGet, "/api/evolution", "what appeared and disappeared over many windows", h.getEvolution),
		route(http.MethodGet, "/api/deployments", "versions of services as they took up traffic", h.getDeployments),

		route(http.MethodGet, "/api/alerts", "list the alerts that fire or wait for delivery", h.listAlerts),
		route(http.MethodGet, "/api/openapi.json", "this API, described in OpenAPI", h.getDocument),
	}
}
