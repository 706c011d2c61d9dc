package tracediff

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

const (
	ofAndroid = `service IN ("android")`
	ofAll     = "*"
)

// comparedOf lists the windows that were compared, oldest first: the definitions of both sides.
func (r *running) comparedOf(queryID string) (sides [][2]string) {
	r.t.Helper()
	diffs, err := r.Diffs(r.t.Context(), store.DiffFilter{QueryID: queryID}, store.Page{Limit: 100})
	require.NoError(r.t, err)
	for i := len(diffs) - 1; i >= 0; i-- {
		var of [2]string
		for n, id := range []string{diffs[i].A.SnapshotID, diffs[i].B.SnapshotID} {
			s, err := r.Snapshot(r.t.Context(), id)
			require.NoError(r.t, err)
			of[n] = s.Of.Text
		}
		sides = append(sides, of)
	}
	return sides
}

// A query that is changed over the API is compared with its windows since then only, and so it is after a restart.
func TestQueryThatWasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		r := started(t, path, nil)
		until(0)
		q := android("")
		q.Source, q.CreatedAt = store.FromAPI, time.Now()
		q, err := r.CreateQuery(t.Context(), q)
		require.NoError(t, err)
		assert.Zero(t, q.ChangedAt)
		r.send(180, 3*time.Minute, 200)
		wait(10 * time.Second)
		before := len(r.comparedOf(q.ID))
		require.Positive(t, before)

		q.Text = ofAll
		q, err = r.UpdateQuery(t.Context(), q.ID, q)
		require.NoError(t, err)
		assert.Equal(t, time.Now(), q.ChangedAt)
		r.send(180, 3*time.Minute, 200)
		wait(10 * time.Second)
		r.stop()
		r = started(t, path, nil)
		r.n += 1 << 40
		r.send(60, time.Minute, 200)
		wait(70 * time.Second)
		pairs := r.comparedOf(q.ID)
		require.Greater(t, len(pairs), before)
		for i, of := range pairs {
			want := ofAndroid
			if i >= before {
				want = ofAll
			}
			assert.Equal(t, [2]string{want, want}, of, i)
		}
		known, err := r.Query(q.ID)
		require.NoError(t, err)
		assert.Equal(t, q.ChangedAt.UTC(), known.ChangedAt.UTC(), "it survives a restart")

		rows, err := r.Snapshots(t.Context(), store.SnapshotFilter{QueryID: q.ID}, store.Page{Limit: 100})
		require.NoError(t, err)
		var seen []store.Snapshot
		for _, row := range rows {
			if row.Finished && !row.Unseen {
				seen = append(seen, row)
			}
		}
		oldest, newest := seen[len(seen)-1], seen[0]
		assert.Equal(t, [2]string{ofAndroid, ofAll}, [2]string{oldest.Of.Text, newest.Of.Text}, "lists say it, too")
		_, err = r.Compare(t.Context(), oldest.ID, newest.ID, nil)
		require.EqualError(t, err, `a and b: the query was changed between them and selects other traces: a is of service IN ("android"), b of *; compare windows of one definition`)
		_, err = r.Compare(t.Context(), seen[len(seen)-1].ID, seen[len(seen)-2].ID, nil)
		require.NoError(t, err, "two windows from before the change are of one definition")
		r.stop()
	})
}

// A query whose text is changed in the configuration begins anew; what it is changed back to has its old windows still.
func TestQueryThatWasChangedInTheConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		n := uint64(0)
		run := func(text string) (sides [][2]string, q store.Query) {
			r := started(t, path, func(c *Config) { c.Queries[0].Text = text })
			n++
			r.n += n << 40
			until(0)
			r.send(120, 2*time.Minute, 200)
			wait(10 * time.Second)
			sides, q = r.comparedOf("q1"), r.Queries()[0]
			r.stop()
			return sides, q
		}
		first, q := run(ofAndroid)
		require.NotEmpty(t, first)
		assert.Zero(t, q.ChangedAt)
		second, q := run(ofAll)
		assert.WithinDuration(t, time.Now().Add(-130*time.Second), q.ChangedAt, time.Minute)
		require.Greater(t, len(second), len(first))
		for _, of := range second[len(first):] {
			assert.Equal(t, [2]string{ofAll, ofAll}, of)
		}
		third, _ := run(ofAndroid)
		require.Greater(t, len(third), len(second))
		for _, of := range third[len(second):] {
			assert.Equal(t, [2]string{ofAndroid, ofAndroid}, of)
		}
	})
}

// Windows of a version that did not write down what they are of are compared with those after it.
func TestWindowsOfUnknownDefinition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		leave(t, path, nil)
		r := started(t, path, nil)
		until(0)
		r.send(60, time.Minute, 200)
		wait(10 * time.Second)
		diffs, err := r.Diffs(t.Context(), store.DiffFilter{QueryID: "q1"}, store.Page{Limit: 10})
		require.NoError(t, err)
		require.NotEmpty(t, diffs)
		first := diffs[len(diffs)-1]
		a, err := r.Snapshot(t.Context(), first.A.SnapshotID)
		require.NoError(t, err)
		assert.Equal(t, snapshot.Definition{}, a.Of)
		r.stop()
	})
}
