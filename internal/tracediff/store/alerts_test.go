package store

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// says finishes a window of query q1 with alerts, as the service does.
func says(t *testing.T, s Store, n int, now time.Time, alerts ...Alert) {
	t.Helper()
	part := window("q1", n, 10)
	save(t, s, "c1", now, part)
	held, err := s.Lease(t.Context(), "q1", "c1", now, now.Add(time.Minute))
	require.NoError(t, err)
	require.True(t, held)
	require.NoError(t, s.Finish(t.Context(), "q1", "c1", Finished{Snapshot: part, Alerts: alerts, Now: now}))
}

// anAlert is an alert whose content is a text, and why it ended if it did.
func anAlert(status Status, at time.Time, content string) Alert {
	a := Alert{
		Target: "am", QueryID: "q1", Baseline: "previous", Fingerprint: "f1", Status: status, StartsAt: at,
		Content: json.RawMessage(`{"text": "` + content + `", "windows": 2}`),
	}
	if status == Resolved {
		a.EndsAt, a.Content = at, json.RawMessage(`{"reason": "`+content+`"}`)
	}
	return a
}

func checkAlertsFireUntilTheyAreResolved(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	due := func(at time.Time) []Alert {
		t.Helper()
		list, err := s.DueAlerts(t.Context(), "am", at, 10)
		require.NoError(t, err)
		return list
	}
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

	says(t, s, 0, at(0), anAlert(Firing, at(0), "slower"))
	list := due(at(0))
	require.Len(t, list, 1)
	want := anAlert(Firing, at(0), "slower")
	want.Revision, want.NextAttempt = 1, at(0)
	assert.Equal(t, want, list[0])
	other, err := s.DueAlerts(t.Context(), "hook", at(0), 10)
	require.NoError(t, err)
	assert.Empty(t, other, "another target has not been told of")

	require.NoError(t, s.Failed(t.Context(), list[0], at(1)))
	assert.Empty(t, due(at(0)))
	list = due(at(1))
	require.Len(t, list, 1)
	assert.Equal(t, 1, list[0].Attempts)

	require.NoError(t, s.Delivered(t.Context(), list[0], at(5)))
	assert.Empty(t, due(at(4)))
	says(t, s, 1, at(4), anAlert(Firing, at(4), "slower still"))
	assert.Empty(t, due(at(4)), "an alert that fires already is not news")
	list = due(at(5))
	require.Len(t, list, 1)
	assert.Equal(t, at(0), list[0].StartsAt, "it goes on since it began")
	assert.JSONEq(t, `{"text": "slower", "windows": 2}`, string(list[0].Content), "targets know it as it fired")
	assert.Equal(t, Firing, list[0].Delivered)
	assert.Zero(t, list[0].Attempts)

	says(t, s, 2, at(6), anAlert(Resolved, at(6), "gone"))
	list = due(at(6))
	require.Len(t, list, 1)
	assert.Equal(t, Resolved, list[0].Status)
	assert.Equal(t, at(6), list[0].EndsAt)
	assert.Equal(t, int64(2), list[0].Revision)
	assert.JSONEq(t, `{"text": "slower", "windows": 2, "reason": "gone"}`, string(list[0].Content), "it says why it ended, and what it was")
	require.NoError(t, s.Delivered(t.Context(), list[0], time.Time{}))
	all, err := s.Alerts(t.Context(), "")
	require.NoError(t, err)
	assert.Empty(t, all)
}

// What changes while it is being delivered is delivered next; what nobody heard of needs no end.
func checkAlertsThatChangeUnderWay(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	all := func() []Alert {
		t.Helper()
		list, err := s.Alerts(t.Context(), "q1")
		require.NoError(t, err)
		return list
	}
	says(t, s, 0, noon, anAlert(Firing, noon, "one"))
	says(t, s, 1, noon, anAlert(Resolved, noon, "one"))
	assert.Empty(t, all(), "it ended before anybody knew")

	says(t, s, 2, noon, anAlert(Firing, noon, "two"))
	underWay := all()[0]
	says(t, s, 3, noon, anAlert(Resolved, noon, "two"))
	assert.Empty(t, all())
	require.NoError(t, s.Delivered(t.Context(), underWay, noon.Add(time.Hour)), "it is gone, and stays so")
	assert.Empty(t, all())

	says(t, s, 4, noon, anAlert(Firing, noon, "three"))
	require.NoError(t, s.Delivered(t.Context(), all()[0], time.Time{}))
	says(t, s, 5, noon, anAlert(Resolved, noon, "three"))
	resolved := all()[0]
	says(t, s, 6, noon, anAlert(Firing, noon, "four"))
	require.NoError(t, s.Delivered(t.Context(), resolved, time.Time{}))
	list := all()
	require.Len(t, list, 1, "the end was delivered, but it has begun again")
	assert.Equal(t, Firing, list[0].Status)
	assert.JSONEq(t, `{"text": "four", "windows": 2}`, string(list[0].Content), "another time is another story")
	assert.Equal(t, noon, list[0].NextAttempt)
	require.NoError(t, s.DropAlert(t.Context(), resolved))
	assert.Len(t, all(), 1)
	require.NoError(t, s.DropAlert(t.Context(), list[0]))
	assert.Empty(t, all())
}

// Deleting a query ends its alerts: nothing else ever would.
func checkAlertsEndWithTheirQuery(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	require.NoError(t, s.CreateQuery(t.Context(), aQuery("q1")))
	says(t, s, 0, noon, anAlert(Firing, noon, "one"))
	list, err := s.Alerts(t.Context(), "q1")
	require.NoError(t, err)
	require.NoError(t, s.Delivered(t.Context(), list[0], time.Time{}))
	require.NoError(t, s.DeleteQuery(t.Context(), "q1", noon.Add(time.Hour)))
	list, err = s.DueAlerts(t.Context(), "am", noon.Add(time.Hour), 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, Resolved, list[0].Status)
	assert.Equal(t, noon.Add(time.Hour), list[0].EndsAt)
}

// A content that is no object, of whatever version, stays as it is.
func TestContentsAreSupplemented(t *testing.T) {
	for _, tt := range [][3]string{
		{`{"a": 1}`, `{"b": 2}`, `{"a": 1, "b": 2}`},
		{`{"a": 1}`, `{"a": 2}`, `{"a": 2}`},
		{`"text"`, `{"b": 2}`, `"text"`},
		{`{"a": 1}`, `[]`, `{"a": 1}`},
		{`{"a": 1}`, ``, `{"a": 1}`},
	} {
		assert.JSONEq(t, tt[2], string(supplemented([]byte(tt[0]), []byte(tt[1]))), "%s and %s", tt[0], tt[1])
	}
}
