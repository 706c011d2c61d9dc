package tracediff

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// What the version before wrote of a query: what it had learned, and a change that it had confirmed and held.
var format1 = []store.State{
	{Name: "history:previous", Data: []byte(`{"version": 1, "pairs": 50, "pooled": [[1, 2], [1, 2], [1, 2]], "groups": [
		{"identity": {"Kind": "service", "Value": "backend"}, "spread": [[9, 9], [9, 9], [9, 9]], "flips": 9, "seen": 10, "last": 50}]}`)},
	{Name: "tracker:previous", Data: []byte(`{"version": 1, "Open": {"0123456789abcdef": {"Change": {"Kind": "service", "Value": "backend", "Measure": "latency",
		"Verdict": "slower", "Fingerprint": "0123456789abcdef"}, "Standing": "explained", "Since": "2000-01-01T00:00:00Z", "Run": {"Windows": 3}}},
		"Frozen": "q1-19990101T000000Z", "Age": 2, "Quiet": 1, "Online": {"Rate": 0.05}}`)},
}

// leave writes into a history what a version before has left: states, and an alert that fires.
func leave(t *testing.T, path string, states []store.State, alerts ...store.Alert) {
	t.Helper()
	s, err := store.OpenSQLite(path, zap.NewNop(), time.Now)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	start := time.Now().UTC().Truncate(time.Minute).Add(-time.Hour)
	w := &snapshot.Snapshot{
		ID: snapshot.NewID("q1", start), QueryID: "q1", Start: start, End: start.Add(time.Minute), State: snapshot.Complete, Slice: 3 * time.Second,
		Completed: start.Add(time.Minute), Total: snapshot.Group{Identity: snapshot.Identity{Kind: snapshot.Total}},
	}
	part, err := store.NewPart("older", w.End, w.End, w)
	require.NoError(t, err)
	part.Final = true
	require.NoError(t, s.SavePart(t.Context(), part))
	held, err := s.Lease(t.Context(), "query q1", "older", time.Now(), time.Now().Add(time.Second))
	require.NoError(t, err)
	require.True(t, held)
	require.NoError(t, s.Finish(t.Context(), "query q1", "older", store.Finished{Snapshot: w, States: states, Alerts: alerts, Now: time.Now()}))
	for i := range alerts {
		due, err := s.DueAlerts(t.Context(), alerts[i].Target, time.Now(), 10)
		require.NoError(t, err)
		for _, a := range due {
			require.NoError(t, s.Delivered(t.Context(), a, time.Time{}))
		}
	}
	require.NoError(t, s.Leave(t.Context(), "older"))
}

// What an older version has learned is learned anew, and the alerts that it had fired are resolved: nothing would ever clear them.
func TestStatesOfAnOlderVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path, l := history(t), &listener{}
		quietly := func(c *Config) {
			alerting(l)(c)
			c.Logger = zap.NewNop()
		}
		r := started(t, path, quietly) // the query is known from now on
		wait(10 * time.Second)
		r.stop()
		leave(t, path, format1, store.Alert{
			Target: "l", QueryID: "q1", Baseline: "previous", Fingerprint: "0123456789abcdef", Status: store.Firing, StartsAt: time.Now(),
			Content: json.RawMessage(`{"query": "Hello World", "summary": "backend slower", "kind": "service", "value": "backend"}`),
		})
		r = started(t, path, quietly)
		until(0)
		for range 3 {
			r.send(300, time.Minute, 200)
		}
		wait(20 * time.Second)
		require.Len(t, l.sent, 1)
		assert.Equal(t, "0123456789abcdef", l.sent[0].Fingerprint)
		assert.Equal(t, store.Resolved, l.sent[0].Status)
		said := saying(t, &l.sent[0])
		assert.Equal(t, string(compare.BaselineReplaced), said["reason"])
		assert.Equal(t, "backend slower", said["summary"])
		left, err := r.Alerts(t.Context(), "q1")
		require.NoError(t, err)
		assert.Empty(t, left)

		q, err := r.Query("q1")
		require.NoError(t, err)
		series, err := r.series(t.Context(), &q, q.Baselines[0])
		require.NoError(t, err)
		assert.Positive(t, series.History.Pairs())
		assert.Less(t, series.History.Pairs(), 10, "it begins anew")
		tracker, err := json.Marshal(series.Tracker)
		require.NoError(t, err)
		assert.Contains(t, string(tracker), `"Frozen":""`)

		r.slower = 50 * time.Millisecond
		for range 2 {
			r.send(300, time.Minute, 200)
		}
		wait(20 * time.Second)
		require.Len(t, l.sent, 2, "and works")
		assert.Equal(t, store.Firing, l.sent[1].Status)
		r.stop()
	})
}

// Nothing that a state may hold keeps windows from being finished.
func TestSpoiltStates(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": ``, "no JSON": `{"version": 2, "Open"`, "another shape": `{"version": 2, "Open": 7, "pairs": "x", "open": 7}`, "a newer version": `{"version": 99}`,
		"null": `null`, "holes": `{"version": 2, "Open": {"x": null}, "Past": null, "groups": null}`, "holes among incidents": `{"version": 1, "open": [null, {}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := history(t)
				quietly := func(c *Config) { c.Logger = zap.NewNop() }
				r := started(t, path, quietly)
				wait(10 * time.Second)
				r.stop()
				var states []store.State
				for _, state := range []string{"history:previous", "tracker:previous", incidentsState} {
					states = append(states, store.State{Name: state, Data: []byte(text)})
				}
				leave(t, path, states)
				r = started(t, path, quietly)
				until(0)
				for range 3 {
					r.send(60, time.Minute, 200)
				}
				wait(20 * time.Second)
				assert.GreaterOrEqual(t, len(r.finished), 3)
				assert.NotEmpty(t, r.diffs)
				r.stop()
			})
		})
	}
}
