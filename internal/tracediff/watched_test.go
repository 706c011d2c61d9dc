package tracediff

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// finishedWindows lists what is known of the windows that are over, oldest first.
func (r *running) finishedWindows() (list []store.Snapshot) {
	r.t.Helper()
	rows, err := r.Snapshots(r.t.Context(), store.SnapshotFilter{QueryID: "q1"}, store.Page{Limit: 100})
	require.NoError(r.t, err)
	rows = slices.DeleteFunc(rows, func(s store.Snapshot) bool { return !s.Finished })
	slices.SortFunc(rows, func(a, b store.Snapshot) int { return a.Start.Compare(b.Start) })
	return rows
}

// The only collector is killed in the middle of a window, and nobody is there for two more.
func TestNobodyWasThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := history(t)
		r := started(t, path, nil)
		until(0)
		r.send(60, time.Minute, 200)
		r.send(30, 30*time.Second, 200)
		wait(10 * time.Second) // a checkpoint
		r.crash()
		wait(2*time.Minute + 40*time.Second)

		r = started(t, path, nil) // 20 s into a window
		r.send(40, 40*time.Second, 200)
		r.send(60, time.Minute, 200)
		wait(20 * time.Second)
		list := r.finishedWindows()
		require.Len(t, list, 7)
		var states []snapshot.State
		var spans []uint64
		var unseen []bool
		for i, s := range list {
			states, spans, unseen = append(states, s.State), append(spans, s.Coverage.Spans), append(unseen, s.Unseen)
			if i > 0 {
				assert.Equal(t, list[i-1].End, s.Start, "no window is left out")
			}
		}
		const complete, partial = snapshot.Complete, snapshot.Partial
		assert.Equal(t, []snapshot.State{complete, complete, partial, partial, partial, partial, complete}, states)
		assert.Equal(t, []bool{false, false, false, true, true, false, false}, unseen)
		assert.Equal(t, []uint64{0, 120, 60, 0, 0, 80, 120}, spans)

		diffs, err := r.Diffs(t.Context(), store.DiffFilter{QueryID: "q1"}, store.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, diffs, 4, "with a window that nobody saw nothing is compared")
		first := diffs[1] // after the absence
		assert.Equal(t, list[5].ID, first.B.SnapshotID)
		assert.Equal(t, list[2].ID, first.A.SnapshotID)
		assert.Equal(t, []snapshot.State{partial, partial}, []snapshot.State{first.A.State, first.B.State})
		assert.Equal(t, 2*time.Minute, first.B.Start.Sub(first.A.End), "it says how far apart they are")

		_, err = r.Compare(t.Context(), list[3].ID, list[5].ID, nil)
		require.ErrorContains(t, err, "a: no collector was there for the window "+list[3].ID)
		r.stop()
	})
}

// A collector that stops in order loses nothing that it was sent. Whether the window is complete depends on whether another one
// was there all the time.
func TestOrderlyStops(t *testing.T) {
	for name, c := range map[string]struct {
		another bool // that is there all the time
		traces  int  // that the one that stops is sent
		again   bool // it is started again at once
		want    snapshot.State
	}{
		"an idle one":                    {another: true, want: snapshot.Complete},
		"a busy one":                     {another: true, traces: 10, want: snapshot.Complete},
		"a busy one, started again":      {another: true, traces: 10, again: true, want: snapshot.Complete},
		"the only one":                   {traces: 10, want: snapshot.Partial},
		"the only one, started again":    {traces: 10, again: true, want: snapshot.Partial},
		"the only, idle, started again ": {again: true, want: snapshot.Partial},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := history(t)
				var stays *running
				if c.another {
					stays = started(t, path, nil)
				}
				stops := started(t, path, nil)
				stops.n += 1 << 32
				until(0)
				stops.send(c.traces, 10*time.Second, 200)
				wait(10 * time.Second)
				stops.stop()
				wait(time.Second)
				if c.again {
					stops = started(t, path, nil)
					stops.n += 1 << 33
				}
				if c.another {
					stays.send(20, 10*time.Second, 200)
				}
				if c.again {
					stops.send(c.traces, 10*time.Second, 200)
				}
				until(10 * time.Second)
				if !c.another && !c.again {
					stays = started(t, path, nil)
					wait(2 * time.Minute)
				}
				asked := stops
				if stays != nil {
					asked = stays
				}
				found, err := asked.store.SnapshotBefore(t.Context(), "q1", time.Now().Truncate(time.Minute))
				for err == nil && found.Coverage.Spans == 0 && c.traces > 0 {
					found, err = asked.store.SnapshotBefore(t.Context(), "q1", found.Start)
				}
				require.NoError(t, err)
				assert.Equal(t, c.want, found.State)
				want := 2 * c.traces
				if c.again {
					want *= 2
				}
				if c.another {
					want += 2 * 20
				}
				assert.EqualValues(t, want, found.Coverage.Spans, "nothing is lost, and nothing counts twice")
				if c.again {
					stops.stop()
				}
				if stays != nil {
					stays.stop()
				}
			})
		})
	}
}
