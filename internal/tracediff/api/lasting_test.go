package api

import (
	"net/http"
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
