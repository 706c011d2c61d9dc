package compare_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A scenario says of each window what a diff says of one group, and expects its standing:
//
//   - flagged, slower      -  flagged, faster     .  tested, not flagged
//     ?  not enough data      _  not in the diff
//
// Standings: s suspected, C confirmed, e explained, X cleared, . none. A baseline that is frozen is an f below.
func TestTracker(t *testing.T) {
	for _, tt := range []struct {
		name      string
		hold      int
		q         float64
		windows   string
		standings string
		frozen    string
	}{
		{"a blip is refuted", 3, 1e-6, "..+..", "..s..", "  f  "},
		{"a step is confirmed once, and the baseline moves on", 3, 1e-6, ".++++++......", ".sCeeeeeX....", " ffff        "},
		{"a step that ends while the baseline is held", 6, 1e-6, ".+++......", ".sCeeX....", " ffff     "},
		{"one quiet window in between is forgiven", 6, 1e-6, ".+++.++..", ".sCeeeeeX", " fffffff "},
		{"weak evidence takes longer", 6, 5e-4, ".++++++++", ".sssCeeee", " ffffffff"},
		{"the opposite change comes after the end of the first", 6, 1e-6, ".++--.", ".sCXs.", " ff f "},
		{"not enough data neither refutes nor clears", 6, 1e-6, ".+?++?+", ".ssCeee", " ffffff"},
		{"a group that is gone is cleared in the end", 0, 1e-6, ".++_____", ".sC__X__", " f      "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := compare.NewTracker(compare.TrackerSettings{Persist: 2, Hold: tt.hold, FDR: 0.05, Horizon: 1000})
			standings, frozen := play(tr, tt.windows, tt.q)
			assert.Equal(t, tt.standings, standings, "standings")
			assert.Equal(t, tt.frozen, frozen, "windows whose next one is compared with the window before the change")
		})
	}
}

var tracked = snapshot.Identity{Kind: snapshot.Operation, Service: "cart", Value: "add"}

// play lets a tracker see windows and returns standings, and where the baseline was frozen for the next window.
func play(tr *compare.Tracker, windows string, q float64) (standings, frozen string) {
	base := "before"
	var said, held strings.Builder
	for n, w := range windows {
		if tr.Baseline() == "" {
			base = fmt.Sprintf("w%d", n-1)
		}
		d := diffOf(w, q, n, base)
		tr.Update(d)
		said.WriteString(letter(d, w))
		if tr.Baseline() != "" {
			held.WriteByte('f')
		} else {
			held.WriteByte(' ')
		}
	}
	return said.String(), held.String()
}

func diffOf(w rune, q float64, n int, base string) *compare.Diff {
	d := &compare.Diff{A: compare.Side{SnapshotID: base}, B: compare.Side{SnapshotID: fmt.Sprintf("w%d", n), Start: time.Unix(int64(600*n), 0)}}
	c := compare.Change{Identity: tracked, Measure: compare.Latency, Verdict: compare.Same, P: 0.5, Q: 1}
	switch w {
	case '+':
		c.Verdict, c.Flagged, c.P, c.Q = compare.Slower, true, q, q
	case '-':
		c.Verdict, c.Flagged, c.P, c.Q = compare.Faster, true, q, q
	case '?':
		c.Verdict, c.P = compare.NotEnoughData, 1
	}
	if w != '_' {
		d.Changes = append(d.Changes, c)
	}
	d.Name(fmt.Sprintf("d%d", n), "q", "previous", d.B.Start)
	return d
}

func letter(d *compare.Diff, w rune) string {
	if len(d.Changes) == 0 {
		return string(w)
	}
	return map[compare.Standing]string{"": ".", compare.Suspected: "s", compare.Confirmed: "C", compare.Explained: "e", compare.Cleared: "X"}[d.Changes[0].Standing]
}

// A restart between any two windows changes nothing.
func TestTrackerSurvivesARestart(t *testing.T) {
	settings := compare.TrackerSettings{Persist: 2, Hold: 6, FDR: 0.05, Horizon: 1000}
	const windows = ".+++.++++--.."
	want, _ := play(compare.NewTracker(settings), windows, 1e-6)
	for cut := range windows {
		tr := compare.NewTracker(settings)
		first, _ := play(tr, windows[:cut], 1e-6)
		data, err := json.Marshal(tr)
		require.NoError(t, err)
		back := compare.NewTracker(settings)
		require.NoError(t, json.Unmarshal(data, back))
		assert.Equal(t, tr.Baseline(), back.Baseline())
		rest, _ := play(back, windows[cut:], 1e-6)
		assert.Equal(t, want, first+rest, "restart after window %d", cut)
	}
	require.ErrorContains(t, json.Unmarshal([]byte(`{"version":7}`), compare.NewTracker(settings)), "format 7")
	require.ErrorContains(t, json.Unmarshal([]byte(`{"version":[]}`), compare.NewTracker(settings)), "tracker:")
}

// A chain of changes, each new before the last is settled, may not keep an old baseline for ever.
func TestNoBaselineIsHeldForEver(t *testing.T) {
	tr := compare.NewTracker(compare.TrackerSettings{Persist: 2, Hold: 3, FDR: 0.05, Horizon: 1000})
	longest, now := 0, 0
	for n := range 100 {
		d := diffOf('+', 0.04, n, cmp.Or(tr.Baseline(), fmt.Sprintf("w%d", n-1)))
		d.Changes[0].Value = strconv.Itoa(n) // another operation each time
		d.Name("d", "q", "previous", d.B.Start)
		tr.Update(d)
		if tr.Baseline() == "" {
			now = 0
		} else {
			now++
		}
		longest = max(longest, now)
	}
	assert.LessOrEqual(t, longest, 12)
	assert.Positive(t, longest)
}

// A new group is new until the baseline has it; then there is nothing to say about it, and that clears it.
func TestNewGroupsAreClearedWhenTheBaselineHasThem(t *testing.T) {
	tr := compare.NewTracker(compare.TrackerSettings{Persist: 2, Hold: 2, FDR: 0.05, Horizon: 1000})
	var got []compare.Standing
	for n := range 8 {
		base := cmp.Or(tr.Baseline(), fmt.Sprintf("w%d", n-1))
		d := diffOf('.', 0, n, base)
		if base == "w0" { // it came with the window 1
			d.Changes = append(d.Changes, compare.Change{
				Identity: snapshot.Identity{Kind: snapshot.Service, Value: "new"}, Measure: compare.Presence, Verdict: compare.New, Flagged: true, P: 1e-9, Q: 1e-8,
			})
			d.Name("d", "q", "previous", d.B.Start)
		}
		tr.Update(d)
		last := d.Changes[len(d.Changes)-1]
		got = append(got, last.Standing)
	}
	assert.Equal(t, []compare.Standing{"", compare.Suspected, compare.Confirmed, compare.Explained, compare.Explained, "", compare.Cleared, ""}, got)
}

func TestSettingsFollowTheBaseline(t *testing.T) {
	th := compare.DefaultThresholds()
	previous := compare.NewTrackerSettings(th, 10*time.Minute, 10*time.Minute)
	assert.Equal(t, compare.TrackerSettings{Persist: 2, Hold: compare.DefaultHold, FDR: 0.05, Horizon: 144}, previous)
	assert.Zero(t, compare.NewTrackerSettings(th, 10*time.Minute, 24*time.Hour).Hold, "a day later the change is still in front of its baseline")
}
