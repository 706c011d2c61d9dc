package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A window is complete if somebody was there all the time, until it was due, and nobody lost anything.
func checkWhoWatched(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	type part struct {
		from, until int // minutes; both -1: it may have lost some
		final       bool
	}
	const all = 11 // minutes: the window, and longer than its lateness
	for n, c := range []struct {
		name  string
		parts []part
		want  snapshot.State
	}{
		{"one from beginning to end", []part{{0, all, true}}, snapshot.Complete},
		{"one that died", []part{{0, all, false}}, snapshot.Partial},
		{"one that came in the middle", []part{{3, all, true}}, snapshot.Partial},
		{"one that left in the middle", []part{{0, 7, true}}, snapshot.Partial},
		{"one that left at the end, when late spans were awaited", []part{{0, 10, true}}, snapshot.Partial},
		{"one that may have lost some", []part{{-1, -1, true}, {0, all, true}}, snapshot.Partial},
		{"a restart with nobody in between", []part{{0, 4, true}, {5, all, true}}, snapshot.Partial},
		{"a restart while another one stayed", []part{{0, 4, true}, {5, all, true}, {0, all, true}}, snapshot.Complete},
		{"one after the other, for a while both", []part{{4, all, true}, {0, 5, true}}, snapshot.Complete},
		{"another one died", []part{{0, all, true}, {2, 5, false}}, snapshot.Partial},
	} {
		w := window("q1", n, 0)
		for i, p := range c.parts {
			seen := window("q1", n, 10)
			seen.State = snapshot.Partial // what each of them saw was not all, as far as it knew
			saved, err := NewPart(string(rune('a'+i)), noon, due(w), seen)
			require.NoError(t, err)
			saved.Final = p.final
			if p.from >= 0 {
				saved.Watched = Watch{w.Start.Add(time.Duration(p.from) * time.Minute), w.Start.Add(time.Duration(p.until) * time.Minute)}
			}
			require.NoError(t, s.SavePart(t.Context(), saved))
		}
		assert.Equal(t, c.want, finish(t, s, "c1", w.ID, noon).State, c.name)
	}
}

// Windows for which no collector was there are noted when the next one is finished. Nothing is compared with them.
func checkUnseenWindows(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	list := func() []Snapshot {
		t.Helper()
		rows, err := s.Snapshots(t.Context(), SnapshotFilter{QueryID: "q1"}, Page{Limit: 1000})
		require.NoError(t, err)
		return rows
	}
	save(t, s, "c1", noon, window("q1", 0, 10))
	finish(t, s, "c1", window("q1", 0, 0).ID, noon)
	assert.Len(t, list(), 1, "before the first there is nothing")
	save(t, s, "c2", noon, window("q1", 3, 10))
	finish(t, s, "c2", window("q1", 3, 0).ID, noon)
	rows := list()
	require.Len(t, rows, 4)
	for n, at := range []int{1, 2} {
		w := window("q1", at, 0)
		id := snapshot.NewID("q1", w.Start)
		row, err := s.Snapshot(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, row.Finished && row.Unseen, n)
		assert.Equal(t, snapshot.Partial, row.State)
		assert.Equal(t, w.End, row.End)
		assert.Zero(t, row.Coverage)
		_, err = s.SnapshotAt(t.Context(), "q1", w.Start)
		require.ErrorIs(t, err, ErrNotFound)
	}
	before, err := s.SnapshotBefore(t.Context(), "q1", window("q1", 3, 0).Start)
	require.NoError(t, err)
	assert.Equal(t, window("q1", 0, 0).ID, before.ID, "what was seen last")

	late := window("q1", 2, 7) // of a collector that was cut off from the database
	late.ID = snapshot.NewID("q1", late.Start)
	save(t, s, "cut off", noon, late)
	row, err := s.Snapshot(t.Context(), late.ID)
	require.NoError(t, err)
	assert.False(t, row.Unseen)
	assert.Equal(t, uint64(7), row.Coverage.Spans)
	assert.Equal(t, snapshot.Partial, row.State)

	save(t, s, "c1", noon, window("q1", 1000, 10))
	finish(t, s, "c1", window("q1", 1000, 0).ID, noon)
	assert.Len(t, list(), 5+maxUnseen, "a long absence is not noted window by window")
}
