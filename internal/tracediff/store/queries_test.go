package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
)

func aQuery(id string) Query {
	return Query{
		ID: id, Name: "Hello World", Text: `service IN ("android")`, Scope: "trace", GroupBy: []string{"operation", "http.status_code"},
		Window: 10 * time.Minute, Lateness: 30 * time.Second, Baselines: baseline.List("previous", "24h"),
		Thresholds: compare.DefaultThresholds(), Alerts: []string{"am"}, CreatedAt: noon, Source: FromAPI,
	}
}

func checkQueries(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	all := func(s Store) []Query {
		t.Helper()
		list, err := s.Queries(t.Context())
		require.NoError(t, err)
		return list
	}
	assert.Empty(t, all(s))
	first, second := aQuery("q1"), aQuery("q2")
	second.CreatedAt = noon.Add(-time.Hour)
	require.NoError(t, s.CreateQuery(t.Context(), first))
	require.NoError(t, s.CreateQuery(t.Context(), second))
	require.ErrorIs(t, s.CreateQuery(t.Context(), first), ErrExists)
	assert.Equal(t, []Query{second, first}, all(open(t)), "oldest first; another collector sees them")

	first.Name = "changed"
	require.NoError(t, s.PutQuery(t.Context(), first))
	assert.Equal(t, []Query{second, first}, all(s))

	require.NoError(t, s.DeleteQuery(t.Context(), "q1", noon))
	require.ErrorIs(t, s.DeleteQuery(t.Context(), "q1", noon), ErrNotFound)
	require.ErrorIs(t, s.DeleteQuery(t.Context(), "none", noon), ErrNotFound)
	first.DeletedAt = noon
	assert.Equal(t, []Query{second, first}, all(s), "its snapshots still say what it was")
	first.DeletedAt = time.Time{}
	require.NoError(t, s.PutQuery(t.Context(), first))
	assert.Equal(t, []Query{second, first}, all(s))
}

// A statement is text or a parameter, never both: names are data.
func checkHostileNames(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	for _, name := range []string{`'; DROP TABLE trace_diff_queries; --`, `<script>alert(1)</script>`, "émoji 🦊", "tab\tnewline\n", `?$1`} {
		q := aQuery("id " + name)
		q.Name, q.Text = name, name
		require.NoError(t, s.CreateQuery(t.Context(), q))
		got, err := s.Queries(t.Context())
		require.NoError(t, err)
		assert.Contains(t, got, q)
	}
}
