package tracediff

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Who compares two windows that were compared before gets the same answer, although the query has learned from them since.
func TestCompareAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, history(t), nil)
		until(0)
		r.send(600, time.Minute, 200)
		r.slower = 25 * time.Millisecond
		r.send(600, time.Minute, 200)
		wait(10 * time.Second)
		diffs, err := r.Diffs(t.Context(), store.DiffFilter{QueryID: "q1"}, store.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, diffs, 2)
		scheduled := withoutNaN(diffs[0])
		assert.Positive(t, scheduled.Changes[0].Impact)
		again, err := r.Compare(t.Context(), scheduled.A.SnapshotID, scheduled.B.SnapshotID, nil)
		require.NoError(t, err)
		again = withoutNaN(again)
		assert.NotEqual(t, scheduled.ID, again.ID)
		assert.Empty(t, again.Baseline)
		require.Len(t, again.Changes, len(scheduled.Changes))
		for i := range again.Changes {
			want := scheduled.Changes[i]
			want.Fingerprint, want.Cause = again.Changes[i].Fingerprint, again.Changes[i].Cause // they name the baseline, too
			assert.Equal(t, want, again.Changes[i])
		}
		assert.Equal(t, scheduled.Causes, again.Causes)
		assert.True(t, again.Changes[0].Flagged)

		back, err := r.Compare(t.Context(), scheduled.B.SnapshotID, scheduled.A.SnapshotID, nil)
		require.NoError(t, err)
		assert.Less(t, back.Changes[0].Effect, 1.0, "the other way around is another comparison")
		r.stop()
	})
}

// Who asks for some of the keys gets the causes of these, and each change that is flagged under one of them.
func TestCauseOfTheKeysAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, history(t), nil)
		until(0)
		r.send(600, time.Minute, 200, 503)
		r.send(600, time.Minute, 200, 403)
		wait(10 * time.Second)
		all, err := r.Compare(t.Context(), r.finished[1].ID, r.finished[2].ID, nil)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(all.Causes), 2, "403 is new and 503 is missing")
		r.slower = 25 * time.Millisecond
		r.send(600, time.Minute, 200, 200, 429)
		wait(10 * time.Second)
		some, err := r.Compare(t.Context(), r.finished[2].ID, r.finished[3].ID, []string{"service", "operation"})
		require.NoError(t, err)
		require.NotEmpty(t, some.Causes, "all is slower")
		under := map[int]int{}
		for _, c := range some.Causes {
			assert.Equal(t, c.Site, some.Changes[c.Main].Identity)
			assert.NotEqual(t, snapshot.Attribute, c.Site.Kind)
			for _, n := range append([]int{c.Main}, c.Explains...) {
				under[n]++
				assert.Equal(t, some.Changes[c.Main].Fingerprint, some.Changes[n].Cause)
			}
		}
		for n := range some.Changes {
			assert.NotEqual(t, snapshot.Attribute, some.Changes[n].Kind)
			if some.Changes[n].Flagged {
				assert.Equal(t, 1, under[n], "%+v", some.Changes[n].Identity)
			}
		}
		r.stop()
	})
}

// Two windows that are alike are said to be alike, also while the query follows a change that came before both.
func TestCompareWhileAChangeLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, history(t), nil)
		until(0)
		for n := range 5 {
			if n > 0 {
				r.slower = 100 * time.Millisecond
			}
			r.send(600, time.Minute, 200)
		}
		wait(10 * time.Second)
		last := r.diffs[len(r.diffs)-1]
		require.Equal(t, compare.Lasting, last.Changes[0].Standing)
		again, err := r.Compare(t.Context(), last.A.SnapshotID, last.B.SnapshotID, nil)
		require.NoError(t, err)
		for i := range again.Changes {
			assert.False(t, again.Changes[i].Flagged, "%+v", again.Changes[i])
		}
		assert.Empty(t, again.Causes)
		r.stop()
	})
}
