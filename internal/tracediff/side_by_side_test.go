package tracediff

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Slow traces against fast ones, as two queries see them in one window: what tells them apart is found among the keys of both, and that
// slow ones are slower is no finding.
func TestTwoQueriesSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, fast, other := android("slow"), android("fast"), android("other")
		slow.Text, fast.Text = `trace.duration > 50ms`, `trace.duration <= 50ms`
		other.GroupBy = []string{"tenant", "http.status_code"}
		r := started(t, history(t), func(c *Config) { c.Queries = []store.Query{slow, fast, other} })
		until(0)
		for range 60 {
			r.slower = 0
			r.send(9, 900*time.Millisecond, 200, 200, 200, 404)
			r.slower = 100 * time.Millisecond
			r.send(1, 100*time.Millisecond, 503)
		}
		wait(15 * time.Second)
		id := func(query string, windows int) string {
			t.Helper()
			list, err := r.Snapshots(t.Context(), store.SnapshotFilter{QueryID: query, To: time.Now().Truncate(time.Minute)}, store.Page{Limit: 10})
			require.NoError(t, err)
			require.Greater(t, len(list), windows)
			return list[windows].ID
		}
		d, err := r.SideBySide(t.Context(), id("fast", 0), id("slow", 0), nil)
		require.NoError(t, err)
		assert.Equal(t, []string{"slow", "fast"}, []string{d.QueryID, d.Against})
		assert.Equal(t, []uint64{540, 60}, []uint64{d.A.Coverage.Traces, d.B.Coverage.Traces})
		require.NotEmpty(t, d.Apart.Telling)
		first := d.Apart.Telling[0]
		assert.Equal(t, "http.status_code = 503", first.Key+" = "+first.Value)
		assert.InDelta(t, 1, first.Difference, 1e-9)
		assert.Equal(t, []compare.Measure{compare.Latency, compare.Waiting, compare.Slowest}, d.Apart.Consequences)
		for _, c := range d.Changes {
			assert.NotEqual(t, compare.Latency, c.Measure)
		}
		again, err := r.Diff(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, d.Against, again.Against)
		assert.Len(t, again.Apart.Telling, len(d.Apart.Telling))
		assert.Positive(t, d.FlaggedProperties())
		kept, err := r.Diffs(t.Context(), store.DiffFilter{QueryID: "slow", Flagged: true}, store.Page{Limit: 10})
		require.NoError(t, err)
		assert.Equal(t, d.ID, kept[0].ID)

		for _, tt := range []struct {
			a, b, message string
			keys          []string
		}{
			{id("fast", 0), id("fast", 1), "side_by_side: compares windows of two queries, got two of fast; leave it out to compare one after the other", nil},
			{id("fast", 1), id("slow", 0), "side_by_side: compares within one window, but a is from ", nil},
			{id("fast", 0), id("other", 0), "keys: a has captured operation, http.status_code, b tenant, http.status_code, as their queries say; name those to compare", nil},
			{id("fast", 0), id("slow", 0), `keys::0: "tenant" was not captured`, []string{"tenant"}},
			{"none", id("slow", 0), `a: there is no snapshot "none"`, nil},
		} {
			_, err := r.SideBySide(t.Context(), tt.a, tt.b, tt.keys)
			var refused RefusedError
			require.ErrorAs(t, err, &refused)
			assert.Contains(t, err.Error(), tt.message)
		}
		d, err = r.SideBySide(t.Context(), id("fast", 0), id("other", 0), []string{"http.status_code"})
		require.NoError(t, err, "with a key that both have")
		assert.Equal(t, "other", d.QueryID)
		_, err = r.Compare(t.Context(), id("fast", 0), id("slow", 0), nil)
		require.ErrorContains(t, err, "a and b: must be snapshots of one query, got one of fast and one of slow; side_by_side compares two queries within a window")
		r.stop()
	})
}

// A query that the engine has no room for is refused before it is stored.
func TestNoRoomForQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, history(t), func(c *Config) { c.Queries = nil })
		q := android("")
		for range maxQueries / 2 {
			q.Text = `trace.duration > 50ms`
			_, err := r.CreateQuery(t.Context(), q)
			require.NoError(t, err)
		}
		q.Text = `*`
		_, err := r.CreateQuery(t.Context(), q)
		require.ErrorIs(t, err, ErrTooMany)
		assert.Len(t, r.Queries(), maxQueries/2)
		stored, err := r.store.Queries(t.Context())
		require.NoError(t, err)
		assert.Len(t, stored, maxQueries/2)

		one := r.Queries()[0]
		one.Text = `trace.duration > 50ms AND trace.duration < 60ms`
		_, err = r.UpdateQuery(t.Context(), one.ID, one)
		require.ErrorIs(t, err, ErrTooMany)
		one.Text = `*`
		_, err = r.UpdateQuery(t.Context(), one.ID, one)
		require.NoError(t, err)
		r.stop()
	})
}
