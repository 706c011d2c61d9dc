package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func checkDiffs(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	_, err := s.Diff(t.Context(), "d0")
	require.ErrorIs(t, err, ErrNotFound)
	want := diff("d0", "q1", "previous", noon, true)
	require.NoError(t, s.SaveDiff(t.Context(), want))
	require.ErrorIs(t, s.SaveDiff(t.Context(), want), ErrExists)
	got, err := s.Diff(t.Context(), "d0")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	require.NoError(t, s.DeleteDiff(t.Context(), "d0"))
	require.ErrorIs(t, s.DeleteDiff(t.Context(), "d0"), ErrNotFound)
}

func checkDiffsAreFilteredAndPaged(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	baselines := []string{"previous", "24h", ""}
	for n := range 12 { // two at each time, so that pages end between equals
		require.NoError(t, s.SaveDiff(t.Context(), diff(fmt.Sprintf("d%02d", n), fmt.Sprintf("q%d", n%2), baselines[n%3],
			noon.Add(time.Duration(n/2)*time.Minute), n%4 == 0)))
	}
	list := func(f DiffFilter) (ids []string) {
		page := Page{Limit: 5}
		for {
			diffs, err := s.Diffs(t.Context(), f, page)
			require.NoError(t, err)
			for _, d := range diffs {
				ids = append(ids, d.ID)
			}
			if len(diffs) < page.Limit {
				return ids
			}
			last := diffs[len(diffs)-1]
			page.After = &Position{last.CalculatedAt, last.ID}
		}
	}
	none := ""
	assert.Equal(t, []string{"d11", "d10", "d09", "d08", "d07", "d06", "d05", "d04", "d03", "d02", "d01", "d00"}, list(DiffFilter{}))
	assert.Equal(t, []string{"d11", "d09", "d07", "d05", "d03", "d01"}, list(DiffFilter{QueryID: "q1"}))
	assert.Equal(t, []string{"d11", "d08", "d05", "d02"}, list(DiffFilter{Baseline: &none}))
	assert.Equal(t, []string{"d08", "d04", "d00"}, list(DiffFilter{Flagged: true}))
	assert.Len(t, list(DiffFilter{FlaggedNone: true}), 9)
	assert.Equal(t, []string{"d05", "d04", "d03", "d02"}, list(DiffFilter{From: noon.Add(time.Minute), To: noon.Add(3 * time.Minute)}))
	assert.Empty(t, list(DiffFilter{QueryID: "other"}))
}

// One damaged row costs that row, not the list.
func checkDamagedDiff(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	require.NoError(t, s.SaveDiff(t.Context(), diff("d1", "q1", "previous", noon, true)))
	require.NoError(t, s.SaveDiff(t.Context(), diff("d2", "q1", "previous", noon.Add(time.Minute), true)))
	damage(t, s, `UPDATE trace_diff_diffs SET data = ? WHERE id = 'd1'`)
	_, err := s.Diff(t.Context(), "d1")
	require.ErrorIs(t, err, ErrDamaged)
	require.NotErrorIs(t, err, ErrUnavailable, "trying again would not help")
	list, err := s.Diffs(t.Context(), DiffFilter{}, Page{Limit: 10})
	require.NoError(t, err)
	assert.Len(t, list, 1)
}

// damage overwrites a packed column with a value in which one bit has changed.
func damage(t *testing.T, s Store, statement string) {
	t.Helper()
	data, err := pack(diff("d9", "q1", "one that was whole", noon, false))
	require.NoError(t, err)
	data[len(data)/2] ^= 4
	d := s.(*database)
	db, err := d.opened(t.Context())
	require.NoError(t, err)
	n, err := session{db, d.dialect}.exec(t.Context(), statement, data)
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
}
