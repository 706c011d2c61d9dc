package api

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// moved is a diff as that of waiting, later by some windows and against another baseline.
func moved(id, baseline string, windows int, change func(*store.Diff)) *store.Diff {
	d := waiting()
	by := time.Duration(windows) * 10 * time.Minute
	d.A.Start, d.A.End, d.B.Start, d.B.End = d.A.Start.Add(by), d.A.End.Add(by), d.B.Start.Add(by), d.B.End.Add(by)
	d.Name(id, "fixed", baseline, d.B.End.Add(time.Minute))
	if change != nil {
		change(d)
	}
	return d
}

// A cause that several windows name, each under two baselines, is one, as long as they named it.
func TestCausesOverWindows(t *testing.T) {
	s := checked(t)
	another := func(d *store.Diff) {
		d.Causes[0].Service, d.Causes[0].Site.Service, d.Causes[0].Onset = "mail", "mail", time.Time{}
		for i := range d.Changes {
			d.Changes[i].Standing = compare.Suspected
		}
	}
	for _, d := range []*store.Diff{
		waiting(), moved("d2", "24h", 0, nil), moved("d3", "previous", 1, nil), moved("d4", "previous", 2, another),
		moved("d5", "", 2, nil), // on demand
	} {
		require.NoError(t, s.store.SaveDiff(t.Context(), d))
	}
	var got wire.Causes
	s.answer(http.StatusOK, &got, "GET", "/api/causes", "")
	require.Len(t, got.Causes, 2)
	assert.False(t, got.Truncated)

	mail, pay := got.Causes[0], got.Causes[1]
	assert.Equal(t, "mail", mail.Service)
	assert.Equal(t, []any{"d4", false, true}, []any{mail.DiffID, mail.Confirmed, mail.Current})
	assert.Equal(t, []time.Time{noon.Add(30 * time.Minute), noon.Add(40 * time.Minute)}, []time.Time{mail.FirstSeen, mail.LastSeen})

	assert.Equal(t, "pay", pay.Service)
	assert.Equal(t, []any{"d3", true, false, "fixed"}, []any{pay.DiffID, pay.Confirmed, pay.Current, pay.QueryName})
	assert.Equal(t, []time.Time{noon.Add(10 * time.Minute), noon.Add(30 * time.Minute)}, []time.Time{pay.FirstSeen, pay.LastSeen})
	assert.Equal(t, noon.Add(time.Minute), *pay.Onset, "the earliest that a window has found")
	assert.NotEqual(t, mail.ID, pay.ID)

	s.answer(http.StatusOK, &got, "GET", "/api/causes?from=2026-03-01T12:35:00Z", "")
	require.Len(t, got.Causes, 1)
	s.answer(http.StatusOK, &got, "GET", "/api/causes?query=another", "")
	assert.Empty(t, got.Causes)
	assert.Contains(t, s.refused(http.StatusBadRequest, "GET", "/api/causes?to=x", ""), "to: must be a time")
}

// What holds now is found however long ago the latest window was, and however many diffs on demand have been made since.
func TestCurrentCauses(t *testing.T) {
	s := checked(t)
	require.NoError(t, s.store.SaveDiff(t.Context(), waiting()))
	lasting := moved("d2", "previous", 1, func(d *store.Diff) {
		for i := range d.Changes {
			d.Changes[i].Flagged = false // it lasts, and this window does not show it
		}
	})
	require.NoError(t, s.store.SaveDiff(t.Context(), lasting))
	for n := range 30 {
		require.NoError(t, s.store.SaveDiff(t.Context(), moved("m"+strconv.Itoa(n), "", 2+n, nil)))
	}
	var got wire.Causes
	s.answer(http.StatusOK, &got, "GET", "/api/causes?current=true", "")
	require.Len(t, got.Causes, 1)
	assert.Equal(t, []any{"pay", "d2", true, true}, []any{got.Causes[0].Service, got.Causes[0].DiffID, got.Causes[0].Confirmed, got.Causes[0].Current})

	s.answer(http.StatusOK, &got, "GET", "/api/causes", "")
	require.Len(t, got.Causes, 1)
	assert.False(t, got.Causes[0].Current, "the flagged diff is of the window before the latest one")
	assert.Contains(t, s.refused(http.StatusBadRequest, "GET", "/api/causes?current=true&from=2026-03-01T12:00:00Z", ""), "leave out from and to")

	// A window that names no cause ends what was current.
	require.NoError(t, s.store.SaveDiff(t.Context(), moved("d3", "previous", 2, func(d *store.Diff) { d.Causes = nil })))
	s.answer(http.StatusOK, &got, "GET", "/api/causes?current=true&query=fixed", "") // answers to the same question are shared for a moment
	assert.Empty(t, got.Causes)
}

func TestSyntax(t *testing.T) {
	s := checked(t)
	for text, want := range map[string]wire.Syntax{
		"*":                           {Valid: true},
		`service+IN+(%22checkout%22)`: {Valid: true},
		"":                            {Message: `must be set, such as service IN ("checkout"), or * for all traces`},
		"service+IN":                  {Message: `at column 11: expected "(", got the end`},
	} {
		var got wire.Syntax
		s.answer(http.StatusOK, &got, "GET", "/api/query-syntax?text="+text, "")
		assert.Equal(t, want.Valid, got.Valid, text)
		if text != "service+IN" {
			assert.Equal(t, want, got, text)
		} else {
			assert.Contains(t, got.Message, "11")
		}
	}
}
