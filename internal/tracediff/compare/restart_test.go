package compare_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A restart between any two windows changes nothing, whatever goes on.
func TestSeriesSurvivesARestart(t *testing.T) {
	const windows = "....+..+++.++----_____...??...++++..."
	rules := compare.Rules{Persist: 2, Level: 1e-4, Hold: 9}
	for _, base := range []against{back(1), fixed(3)} {
		without, with := newStory(t, rules, base), newStory(t, rules, base)
		for n, w := range windows {
			want, got := without.next(written(w, n)), with.next(written(w, n))
			require.Equal(t, withoutNaN(want), withoutNaN(got), "window %d", n)
			with.series = restarted(t, with.series, rules)
			require.Equal(t, without.series.Tracker.Frozen(), with.series.Tracker.Frozen())
		}
	}
}

// restarted is a series as it is restored from what is stored of it.
func restarted(t *testing.T, s *compare.Series, r compare.Rules) *compare.Series {
	t.Helper()
	history, err := json.Marshal(&s.History)
	require.NoError(t, err)
	tracker, err := json.Marshal(s.Tracker)
	require.NoError(t, err)
	back := compare.NewSeries(r)
	require.NoError(t, json.Unmarshal(history, &back.History))
	require.NoError(t, json.Unmarshal(tracker, back.Tracker))
	return back
}

// What an older version has written, or nobody, is refused and changes nothing.
func TestTrackersOfOtherVersions(t *testing.T) {
	s := newStory(t, compare.Rules{Persist: 2, Level: 1e-4, Hold: 9}, back(1))
	for n, w := range "....++" {
		s.next(written(w, n))
	}
	before, err := json.Marshal(s.series.Tracker)
	require.NoError(t, err)
	for _, text := range []string{
		`{"version": 1, "Open": {}, "Frozen": "w1", "Online": {}}`, `{"version": 99}`, `{"version": []}`, `{"version": 2`, `{"Open": null}`,
	} {
		require.Error(t, json.Unmarshal([]byte(text), s.series.Tracker), text)
	}
	after, err := json.Marshal(s.series.Tracker)
	require.NoError(t, err)
	assert.JSONEq(t, string(before), string(after))
	assert.Equal(t, "l", letter(s.next(written('+', 6)), cartAdd, compare.Latency))
}

// unreadable are windows that cannot be read now and then.
type unreadable struct {
	played
	every, reads int
	seen         map[string]int // how often each was read
}

var errAway = errors.New("the database is not available")

func (u *unreadable) Snapshot(ctx context.Context, id string) (*snapshot.Snapshot, error) {
	if u.reads++; u.every > 0 && u.reads%u.every == 0 {
		return nil, errAway
	}
	u.seen[id]++
	return u.played.Snapshot(ctx, id)
}

func (u *unreadable) Before(ctx context.Context, start time.Time) (*snapshot.Snapshot, error) {
	if u.reads++; u.every > 0 && u.reads%u.every == 0 {
		return nil, errAway
	}
	s, err := u.played.Before(ctx, start)
	if s != nil {
		u.seen[s.ID]++
	}
	return s, err
}

// A window that cannot be read fails the comparison, and the one who tries again with what was stored gets the same diffs.
func TestWindowsThatCannotBeRead(t *testing.T) {
	rules := compare.Rules{Persist: 2, Level: 1e-4, Hold: 9}
	plain := newStory(t, rules, back(1))
	u := &unreadable{every: 37, seen: map[string]int{}}
	series := compare.NewSeries(rules)
	failed := 0
	for n, w := range "....+++++.+-....." {
		b := written(w, n)
		want := plain.next(b)
		for {
			stored := restarted(t, series, rules)
			naming := compare.Naming{ID: "d" + b.ID, QueryID: "q", Baseline: "base", Calculated: b.End}
			d, err := series.Next(t.Context(), back(1)(u.played), b, u, compare.DefaultThresholds(), naming)
			if err == nil {
				if d != nil {
					require.Equal(t, withoutNaN(want), withoutNaN(d), "window %d", n)
				}
				break
			}
			require.ErrorIs(t, err, errAway)
			failed++
			series = stored
		}
		u.played = append(u.played, b)
	}
	assert.Positive(t, failed)
}

// One comparison reads no window twice, however many changes it follows.
func TestEachWindowIsReadOnce(t *testing.T) {
	u := &unreadable{}
	series := compare.NewSeries(compare.Rules{Persist: 2, Level: 1e-4, Hold: 9})
	for n, w := range "......++++.++" {
		b := written(w, n)
		u.seen = map[string]int{}
		_, err := series.Next(t.Context(), back(1)(u.played), b, u, compare.DefaultThresholds(), compare.Naming{ID: b.ID})
		require.NoError(t, err)
		for id, times := range u.seen {
			assert.Equal(t, 1, times, "window %d reads %s", n, id)
		}
		u.played = append(u.played, b)
	}
}
