package tracediff

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// The picture of the tutorial: status 503 and 429 are missing and 403 is new in the second window. It can be read after a
// restart.
func TestStatusCodesComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		r := started(t, path, nil)
		until(0)
		r.send(600, time.Minute, 200, 200, 503, 429)
		r.send(600, time.Minute, 200, 200, 200, 403)
		wait(10 * time.Second)
		require.Len(t, r.finished, 3, "the one before, and the two")
		assert.Equal(t, []snapshot.State{snapshot.Complete, snapshot.Complete, snapshot.Complete},
			[]snapshot.State{r.finished[0].State, r.finished[1].State, r.finished[2].State})
		assert.Equal(t, uint64(1200), r.finished[2].Coverage.Spans)
		r.stop()

		r = started(t, path, nil)
		diffs, err := r.Diffs(t.Context(), store.DiffFilter{QueryID: "q1"}, store.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, diffs, 2)
		d := diffs[0]
		assert.Equal(t, []string{"403"}, flagged(d, snapshot.Attribute, compare.New))
		assert.ElementsMatch(t, []string{"429", "503"}, flagged(d, snapshot.Attribute, compare.Missing))
		assert.Empty(t, flagged(d, snapshot.Operation, compare.New))
		assert.Equal(t, "previous", d.Baseline)
		again, err := r.Diff(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, withoutNaN(d), withoutNaN(again))
		r.stop()
	})
}

// A query of the API is evaluated from the moment that it is there, survives a restart, and ends when it is deleted.
func TestQueriesOfTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		r := started(t, path, func(c *Config) { c.Queries = nil })
		until(10 * time.Second)
		q, err := r.CreateQuery(t.Context(), store.Query{
			Text: `service IN ("android")`, Name: "Hello World", GroupBy: []string{"http.status_code"}, Thresholds: compare.DefaultThresholds(),
			CreatedAt: time.Unix(1605061500, 0).UTC(),
		})
		require.NoError(t, err)
		assert.Equal(t, time.Minute, q.Window)
		assert.Equal(t, baseline.List("previous"), q.Baselines)
		list, err := r.Snapshots(t.Context(), store.SnapshotFilter{}, store.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, list, 1, "its window is there at once")
		assert.Equal(t, snapshot.Open, list[0].State)
		r.send(40, 40*time.Second, 200)
		taken, err := r.TakeSnapshot(t.Context(), q.ID)
		require.NoError(t, err)
		assert.True(t, taken.OnDemand)
		assert.Greater(t, taken.Coverage.Spans, uint64(60), "all but the traces that are still being put together")
		r.stop()

		r = started(t, path, func(c *Config) { c.Queries = nil })
		wait(follow + beat)
		assert.Equal(t, []store.Query{q}, r.Queries())
		until(10 * time.Second)
		r.send(10, 10*time.Second, 200)
		until(10 * time.Second)
		found, err := r.store.SnapshotBefore(t.Context(), q.ID, time.Now())
		require.NoError(t, err)
		assert.Equal(t, uint64(20), found.Coverage.Spans)

		_, err = r.DeleteQuery(t.Context(), q.ID)
		require.NoError(t, err)
		assert.Empty(t, r.Queries())
		_, err = r.DeleteQuery(t.Context(), q.ID)
		require.ErrorIs(t, err, store.ErrNotFound)
		assert.Equal(t, q.Text, r.KnownQuery(q.ID).Text, "its snapshots still say what they are of")
		finished := len(r.finished)
		wait(5 * time.Minute)
		assert.Len(t, r.finished, finished)
		r.stop()
	})
}

// A change of what is aggregated begins anew; any other goes on.
func TestUpdateQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, history(t), nil)
		until(10 * time.Second)
		_, err := r.UpdateQuery(t.Context(), "q1", android(""))
		require.ErrorIs(t, err, ErrReadOnly)
		_, err = r.DeleteQuery(t.Context(), "q1")
		require.ErrorIs(t, err, ErrReadOnly)

		q, err := r.CreateQuery(t.Context(), android(""))
		require.NoError(t, err)
		r.send(10, 10*time.Second, 200)
		wait(5 * time.Second)
		spans := func() uint64 {
			t.Helper()
			open := r.engine.Open(q.ID)
			if len(open) == 0 {
				return 0
			}
			return open[0].Coverage.Spans
		}
		assert.Equal(t, uint64(20), spans())
		q.Name = "another"
		q.Thresholds.Persist = 5
		q, err = r.UpdateQuery(t.Context(), q.ID, q)
		require.NoError(t, err)
		assert.Equal(t, uint64(20), spans())
		q.GroupBy = []string{"tenant"}
		q, err = r.UpdateQuery(t.Context(), q.ID, q)
		require.NoError(t, err)
		assert.Zero(t, spans())
		assert.Contains(t, r.Queries(), q)

		q.Window = time.Second
		q.Text = "service IN (android"
		_, err = r.UpdateQuery(t.Context(), q.ID, q)
		var wrong InvalidError
		require.ErrorAs(t, err, &wrong)
		assert.Len(t, wrong, 2)
		_, err = r.UpdateQuery(t.Context(), "none", q)
		require.ErrorIs(t, err, store.ErrNotFound)
		r.stop()
	})
}

// A process that dies in the middle of a window leaves its last checkpoint; the window is finished with it, as partial.
func TestCrashInAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		r := started(t, path, nil)
		until(0)
		r.send(60, time.Minute, 200)
		r.send(30, 30*time.Second, 200)
		wait(10 * time.Second) // a checkpoint, and nothing after it
		r.crash()

		r = started(t, path, nil)
		r.send(10, 10*time.Second, 200)
		until(20 * time.Second)
		list, err := r.Snapshots(t.Context(), store.SnapshotFilter{QueryID: "q1"}, store.Page{Limit: 10})
		require.NoError(t, err)
		var spans []uint64
		var states []snapshot.State
		for _, s := range list[1:3] { // the newest is open
			spans, states = append(spans, s.Coverage.Spans), append(states, s.State)
		}
		assert.Equal(t, []uint64{2 * 40, 2 * 60}, spans)
		assert.Equal(t, []snapshot.State{snapshot.Partial, snapshot.Complete}, states)
		r.stop()
	})
}

// Two collectors see half of the traces each; the history is one.
func TestTwoCollectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		one, two := started(t, path, nil), started(t, path, nil)
		two.n += 1 << 32
		until(0)
		for range 2 {
			for range 60 {
				one.send(2, 500*time.Millisecond, 200)
				two.send(5, 500*time.Millisecond, 200)
			}
		}
		wait(15 * time.Second)
		found, err := one.store.SnapshotBefore(t.Context(), "q1", time.Now().Truncate(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, uint64(60*7*2), found.Coverage.Spans)
		assert.Equal(t, snapshot.Complete, found.State)
		diffs, err := two.Diffs(t.Context(), store.DiffFilter{}, store.Page{Limit: 10})
		require.NoError(t, err)
		assert.Len(t, diffs, 2, "each window is compared once, whoever does it")
		assert.Equal(t, 2, len(one.diffs)+len(two.diffs))

		two.crash()
		one.send(60, time.Minute, 200)
		wait(30 * time.Second)
		found, err = one.store.SnapshotBefore(t.Context(), "q1", time.Now().Truncate(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, snapshot.Partial, found.State, "one of them died in it")
		one.stop()
	})
}

// A service that was never started, or is stopped twice, ends in order.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, history(t), nil)
		r.stop()
		r.stop()
		r.Start()
		require.ErrorIs(t, r.Consume(oneSpan()), window.ErrShutdown)
	})
}
