package tracediff

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		scheduled := diffs[0]
		assert.Positive(t, scheduled.Changes[0].Impact)
		again, err := r.Compare(t.Context(), scheduled.A.SnapshotID, scheduled.B.SnapshotID, nil)
		require.NoError(t, err)
		assert.NotEqual(t, scheduled.ID, again.ID)
		assert.Empty(t, again.Baseline)
		require.Len(t, again.Changes, len(scheduled.Changes))
		for i := range again.Changes {
			want := scheduled.Changes[i]
			want.Fingerprint = again.Changes[i].Fingerprint
			assert.Equal(t, want, again.Changes[i])
		}
		assert.True(t, again.Changes[0].Flagged)

		back, err := r.Compare(t.Context(), scheduled.B.SnapshotID, scheduled.A.SnapshotID, nil)
		require.NoError(t, err)
		assert.Less(t, back.Changes[0].Effect, 1.0, "the other way around is another comparison")
		r.stop()
	})
}
