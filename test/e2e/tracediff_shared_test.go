package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/test/postgrestest"
)

// TestTraceDiffSharedHistory runs two collectors on one PostgreSQL database: each sees half of the traffic, a snapshot has
// all of it. Then one of them is killed in the middle of a window, which is finished without it.
func TestTraceDiffSharedHistory(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Start(t).Database(t, "history")
	storage := section{"driver": "postgres", "dsn": dsn}
	queries := section{"queries": []any{section{"name": "shop", "query": `service = "android"`, "group_by": []string{"http.status_code"}}}}
	one, two := startDiffer(t, storage, queries), startDiffer(t, storage, queries)
	traces := func(d *differ, state string) []int {
		var list []seedSnapshot
		d.ask(t, http.MethodGet, "/api/snapshots?state="+state, nil, &list)
		var counts []int
		for _, s := range list {
			counts = append(counts, s.Coverage.Traces)
		}
		return counts
	}
	nextWindow()
	post(t, one.intake, androids(t, 1, 300, 900*time.Millisecond, time.Millisecond, 200))
	post(t, two.intake, androids(t, 2, 200, 900*time.Millisecond, time.Millisecond, 200))
	eventually(t, "a snapshot with what both have seen", 40*time.Second, func() bool { return slices.Contains(traces(two, "complete"), 500) })
	assert.Contains(t, traces(one, "complete"), 500)

	nextWindow()
	window := time.Now().Truncate(windowLength)
	post(t, one.intake, androids(t, 3, 100, 900*time.Millisecond, time.Millisecond, 200))
	post(t, two.intake, androids(t, 4, 70, 900*time.Millisecond, time.Millisecond, 200))
	eventually(t, "a checkpoint with what the second has seen", windowLength, func() bool { return slices.Contains(checkpoints(t, dsn, "shop", window), 70) })
	require.NoError(t, two.cmd.Process.Kill())
	<-two.exited
	eventually(t, "a snapshot with the last checkpoint of the one that died", 60*time.Second, func() bool {
		return slices.Contains(traces(one, "partial"), 170)
	})
	one.stop(t)
}

// checkpoints is how many traces each collector has saved so far of a window that is open.
func checkpoints(t *testing.T, dsn, query string, window time.Time) (traces []int) {
	t.Helper()
	history, err := store.OpenPostgres(dsn, zap.NewNop())
	require.NoError(t, err)
	defer func() { require.NoError(t, history.Close()) }()
	queries, err := history.Queries(t.Context())
	require.NoError(t, err)
	i := slices.IndexFunc(queries, func(q store.Query) bool { return q.Name == query })
	require.GreaterOrEqual(t, i, 0, queries)
	parts, err := history.Parts(t.Context(), snapshot.NewID(queries[i].ID, window))
	require.NoError(t, err)
	for _, part := range parts {
		if part.Final {
			continue
		}
		s, err := part.Snapshot()
		require.NoError(t, err)
		traces = append(traces, int(s.Coverage.Traces))
	}
	return traces
}
