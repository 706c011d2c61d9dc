package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/postgrestest"
)

// TestTraceDiffSharedHistory runs two collectors on one PostgreSQL database: each sees half of the traffic, a snapshot has
// all of it. Then one of them is killed in the middle of a window, which is finished without it.
func TestTraceDiffSharedHistory(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	storage := section{"driver": "postgres", "dsn": server.Database(t, "history")}
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
	post(t, one.intake, androids(t, 3, 100, 900*time.Millisecond, time.Millisecond, 200))
	post(t, two.intake, androids(t, 4, 70, 900*time.Millisecond, time.Millisecond, 200))
	time.Sleep(windowLength / 2) // for a checkpoint
	require.NoError(t, two.cmd.Process.Kill())
	<-two.exited
	eventually(t, "a snapshot with the last checkpoint of the one that died", 60*time.Second, func() bool {
		return slices.Contains(traces(one, "partial"), 170)
	})
	one.stop(t)
}
