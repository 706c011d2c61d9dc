package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// finish closes a window as the service does.
func finish(t *testing.T, s Store, holder, id string, now time.Time) *snapshot.Snapshot {
	t.Helper()
	held, err := s.Lease(t.Context(), "finish", holder, now, now.Add(time.Minute))
	require.NoError(t, err)
	require.True(t, held)
	parts, err := s.Parts(t.Context(), id)
	require.NoError(t, err)
	row, err := s.Snapshot(t.Context(), id)
	require.NoError(t, err)
	merged, collectors := MergeParts(parts, row.Due)
	require.NotNil(t, merged)
	require.NoError(t, s.Finish(t.Context(), "finish", holder, Finished{Snapshot: merged, Collectors: collectors, Now: now}))
	return merged
}

func checkWindowOfOneCollector(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	first := checkpoint(window("q1", 0, 5))
	save(t, s, "c1", noon, first)
	row, err := s.Snapshot(t.Context(), first.ID)
	require.NoError(t, err)
	assert.Equal(t, snapshot.Open, row.State)
	assert.False(t, row.Finished)
	assert.Equal(t, uint64(5), row.Coverage.Spans, "what is known so far can be read")
	_, err = s.SnapshotAt(t.Context(), "q1", first.Start)
	require.ErrorIs(t, err, ErrNotFound, "but it is nothing to compare with")

	pending, err := s.Pending(t.Context(), due(first).Add(-1))
	require.NoError(t, err)
	assert.Empty(t, pending, "it is not due")
	pending, err = s.Pending(t.Context(), due(first))
	require.NoError(t, err)
	assert.Equal(t, []Pending{{SnapshotID: first.ID, QueryID: "q1", Due: due(first), Waiting: []string{"c1"}}}, pending)

	whole := window("q1", 0, 50)
	save(t, s, "c1", noon, whole)
	save(t, s, "c1", noon, checkpoint(window("q1", 0, 7)))
	pending, err = s.Pending(t.Context(), due(first))
	require.NoError(t, err)
	assert.Empty(t, pending[0].Waiting, "a checkpoint that comes late does not undo the end")

	assert.Equal(t, whole, finish(t, s, "c1", whole.ID, noon))
	row, err = open(t).SnapshotAt(t.Context(), "q1", whole.Start)
	require.NoError(t, err)
	assert.Equal(t, *whole, row.Snapshot)
	assert.True(t, row.Finished)
	pending, err = s.Pending(t.Context(), due(first).Add(time.Hour))
	require.NoError(t, err)
	assert.Empty(t, pending)
	parts, err := s.Parts(t.Context(), whole.ID)
	require.NoError(t, err)
	assert.Empty(t, parts)
}

// Two collectors that share a history: one snapshot has what both have seen.
func checkWindowOfTwoCollectors(t *testing.T, open func(*testing.T) Store) {
	one, two := open(t), open(t)
	a, b := window("q1", 0, 10), window("q1", 0, 32)
	save(t, one, "c1", noon, checkpoint(window("q1", 0, 3)))
	save(t, two, "c2", noon, b)
	pending, err := one.Pending(t.Context(), due(a))
	require.NoError(t, err)
	assert.Equal(t, []string{"c1"}, pending[0].Waiting)
	save(t, one, "c1", noon, a)
	merged := finish(t, two, "c2", a.ID, noon)
	assert.Equal(t, snapshot.Complete, merged.State)
	row, err := one.Snapshot(t.Context(), a.ID)
	require.NoError(t, err)
	assert.Equal(t, uint64(42), row.Coverage.Spans)
	assert.Equal(t, uint32(42), row.Groups[0].Sum().Spans)
	assert.InDelta(t, 42, row.Versions[0].Weight, 0)
}

// A collector that dies leaves its last checkpoint; one that was cut off is heard later.
func checkWindowWithoutOneCollector(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	save(t, s, "dead", noon, checkpoint(window("q1", 0, 3)))
	save(t, s, "alive", noon, window("q1", 0, 10))
	id := window("q1", 0, 0).ID
	merged := finish(t, s, "alive", id, noon)
	assert.Equal(t, snapshot.Partial, merged.State)
	assert.Equal(t, uint64(13), merged.Coverage.Spans)

	spans := func() uint64 {
		t.Helper()
		row, err := s.Snapshot(t.Context(), id)
		require.NoError(t, err)
		return row.Coverage.Spans
	}
	save(t, s, "dead", noon, window("q1", 0, 5))
	assert.Equal(t, uint64(13), spans(), "its checkpoint is in there: more would count twice")
	save(t, s, "cut off", noon, checkpoint(window("q1", 0, 50)))
	assert.Equal(t, uint64(13), spans())
	save(t, s, "cut off", noon, window("q1", 0, 100))
	save(t, s, "cut off", noon, window("q1", 0, 100))
	assert.Equal(t, uint64(113), spans(), "once")
	row, err := s.Snapshot(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, snapshot.Partial, row.State, "its diffs were calculated without this part")
}

// Whoever loses the lease while it compares writes nothing at all.
func checkFinishIsAllOrNothing(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	w := window("q1", 0, 10)
	save(t, s, "c1", noon, w)
	all := Finished{
		Snapshot: w, Now: noon, Diffs: []*Diff{diff("d1", "q1", "previous", noon, true)}, States: []State{{Name: "history", Data: []byte("learned")}},
		Alerts: []Alert{anAlert(Firing, noon, "slower")},
	}
	nothing := func() {
		t.Helper()
		_, err := s.Diff(t.Context(), "d1")
		require.ErrorIs(t, err, ErrNotFound)
		state, err := s.State(t.Context(), "q1", "history")
		require.NoError(t, err)
		assert.Nil(t, state)
		alerts, err := s.Alerts(t.Context(), "")
		require.NoError(t, err)
		assert.Empty(t, alerts)
		row, err := s.Snapshot(t.Context(), w.ID)
		require.NoError(t, err)
		assert.False(t, row.Finished)
	}
	require.ErrorIs(t, s.Finish(t.Context(), "lease", "c1", all), ErrLost)
	nothing()
	_, err := s.Lease(t.Context(), "lease", "c2", noon, noon.Add(time.Minute))
	require.NoError(t, err)
	require.ErrorIs(t, s.Finish(t.Context(), "lease", "c1", all), ErrLost)
	nothing()

	twice := all
	twice.Diffs = append(twice.Diffs, twice.Diffs[0])
	require.ErrorIs(t, s.Finish(t.Context(), "lease", "c2", twice), ErrExists)
	nothing()

	require.NoError(t, s.Finish(t.Context(), "lease", "c2", all))
	_, err = s.Diff(t.Context(), "d1")
	require.NoError(t, err)
	state, err := s.State(t.Context(), "q1", "history")
	require.NoError(t, err)
	assert.Equal(t, []byte("learned"), state)
	require.ErrorIs(t, s.Finish(t.Context(), "lease", "c2", all), ErrLost, "a window is finished once")
}

func checkSnapshotsAreListed(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	for n := range 4 {
		for _, q := range []string{"q1", "q2"} {
			save(t, s, "c1", noon.Add(time.Duration(n)*time.Hour), window(q, n, 10))
		}
	}
	finish(t, s, "c1", window("q1", 1, 0).ID, noon)
	finish(t, s, "c1", window("q1", 2, 0).ID, noon)
	taken := window("q1", 7, 10)
	taken.ID = "taken"
	require.NoError(t, s.SaveSnapshot(t.Context(), taken, noon.Add(8*time.Hour)))
	require.ErrorIs(t, s.SaveSnapshot(t.Context(), taken, noon.Add(8*time.Hour)), ErrExists)

	list := func(f SnapshotFilter, limit int) (ids []string) {
		page := Page{Limit: limit}
		for {
			rows, err := s.Snapshots(t.Context(), f, page)
			require.NoError(t, err)
			for _, r := range rows {
				ids = append(ids, r.ID)
				assert.Empty(t, r.Groups)
				assert.Equal(t, taken.Of, r.Of)
			}
			if len(rows) < limit {
				return ids
			}
			page.After = &Position{rows[len(rows)-1].CreatedAt, rows[len(rows)-1].ID}
		}
	}
	assert.Equal(t, []string{"taken", "q2-1230", "q1-1230", "q2-1220", "q1-1220", "q2-1210", "q1-1210", "q2-1200", "q1-1200"}, list(SnapshotFilter{}, 2))
	assert.Equal(t, []string{"taken", "q1-1220", "q1-1210"}, list(SnapshotFilter{QueryID: "q1", State: snapshot.Complete}, 10))
	assert.Equal(t, []string{"q1-1220", "q1-1210"}, list(SnapshotFilter{QueryID: "q1", From: noon.Add(10 * time.Minute), To: noon.Add(30 * time.Minute)}, 10))

	before, err := s.SnapshotBefore(t.Context(), "q1", noon.Add(24*time.Hour))
	require.NoError(t, err)
	assert.Equal(t, "q1-1220", before.ID, "neither one that is open nor one taken on demand")
	before, err = s.SnapshotBefore(t.Context(), "q1", before.Start)
	require.NoError(t, err)
	assert.Equal(t, "q1-1210", before.ID)
	_, err = s.SnapshotBefore(t.Context(), "q1", before.Start)
	require.ErrorIs(t, err, ErrNotFound)

	require.NoError(t, s.DeleteSnapshot(t.Context(), "taken"))
	require.ErrorIs(t, s.DeleteSnapshot(t.Context(), "taken"), ErrNotFound)
	_, err = s.Snapshot(t.Context(), "taken")
	require.ErrorIs(t, err, ErrNotFound)
}

// A part that was damaged on disk is left out, and the window says so.
func checkDamagedPart(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	save(t, s, "c1", noon, window("q1", 0, 10))
	save(t, s, "c2", noon, window("q1", 0, 20))
	damage(t, s, `UPDATE trace_diff_parts SET data = ? WHERE collector = 'c1'`)
	merged := finish(t, s, "c2", window("q1", 0, 0).ID, noon)
	assert.Equal(t, uint64(20), merged.Coverage.Spans)
	assert.Equal(t, snapshot.Partial, merged.State)
	damage(t, s, `UPDATE trace_diff_snapshots SET data = ? WHERE query_id = 'q1'`)
	_, err := s.Snapshot(t.Context(), merged.ID)
	require.ErrorIs(t, err, ErrDamaged)
	require.NotErrorIs(t, err, ErrUnavailable)
}

func checkRetention(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	require.NoError(t, s.CreateQuery(t.Context(), aQuery("q1")))
	require.NoError(t, s.CreateQuery(t.Context(), aQuery("gone")))
	require.NoError(t, s.DeleteQuery(t.Context(), "gone", noon))
	for n := range 450 { // more than one transaction removes
		w := window("q1", n, 1)
		w.ID = w.Start.Format(time.RFC3339)
		require.NoError(t, s.SaveSnapshot(t.Context(), w, w.End))
	}
	open1 := checkpoint(window("q1", 0, 1))
	save(t, s, "c1", noon, open1)
	require.NoError(t, s.SaveDiff(t.Context(), diff("old", "q1", "previous", noon, true)))
	require.NoError(t, s.SaveDiff(t.Context(), diff("new", "q1", "previous", noon.Add(100*time.Hour), true)))
	pinned := window("q1", 3, 1).Start.Format(time.RFC3339)
	boundary := window("q1", 440, 1).End
	done, err := s.Expire(t.Context(), boundary, []string{pinned})
	require.NoError(t, err)
	assert.Equal(t, Expired{Snapshots: 439, Diffs: 1}, done)
	_, err = s.Snapshot(t.Context(), pinned)
	require.NoError(t, err, "a pinned baseline stays")
	_, err = s.Snapshot(t.Context(), open1.ID)
	require.NoError(t, err, "a window that is open stays")
	_, err = s.Diff(t.Context(), "new")
	require.NoError(t, err)
	queries, err := s.Queries(t.Context())
	require.NoError(t, err)
	assert.Len(t, queries, 1)
	done, err = s.Expire(t.Context(), boundary, []string{pinned})
	require.NoError(t, err)
	assert.Zero(t, done)
}

// A collector that dies before its first checkpoint leaves a gap, and the window says so.
func checkCollectorThatSavedNothing(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	w := window("q1", 0, 10)
	begin := func(collector string) {
		t.Helper()
		save(t, s, collector, noon, checkpoint(window("q1", 0, 0)))
	}
	begin("dead")
	begin("alive")
	save(t, s, "alive", noon, w)
	begin("alive")
	pending, err := s.Pending(t.Context(), due(w))
	require.NoError(t, err)
	assert.Equal(t, []string{"dead"}, pending[0].Waiting)
	row, err := s.Snapshot(t.Context(), w.ID)
	require.NoError(t, err)
	assert.Equal(t, uint64(10), row.Coverage.Spans)
	merged := finish(t, s, "alive", w.ID, noon)
	assert.Equal(t, snapshot.Partial, merged.State)
	begin("dead")
	row, err = s.Snapshot(t.Context(), w.ID)
	require.NoError(t, err)
	assert.True(t, row.Finished)
}
