package alert

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// A content says where it happened, which version came, how large it is and how much follows from it.
func TestContent(t *testing.T) {
	q, e := slower()
	c := NewContent(q, e)
	assert.Equal(t, "shop: checkout 1.0 -> 2.0: POST /pay slower, 20.0 -> 31.0 ms, since 11:53:20 UTC", c.Summary)
	assert.Equal(t, "since 11:53:20 UTC; confirmed; all traces slower, 100 -> 111 ms; trace abc", c.Description)
	assert.Equal(t, &wire.NewVersion{Service: "checkout", From: "1.0", To: "2.0"}, c.Cause.Deployed)
	assert.Equal(t, "checkout", c.Cause.Service)
	assert.Equal(t, "f1", c.Fingerprint, "that of the incident, which has many changes")
	assert.Equal(t, 2, c.Changes)
	assert.InDelta(t, 0.020, float64(c.Cause.Before), 1e-12)
	assert.InDelta(t, 0.031, float64(c.Cause.After), 1e-12)
	assert.Equal(t, wire.UnitSeconds, c.Cause.Unit)
	assert.Equal(t, []string{"abc", "def"}, c.Exemplars)
}

// Before and After are of the measure that the unit names.
func TestFiguresOfEachMeasure(t *testing.T) {
	before := compare.Absolute{GeoMean: 2e6, GeoWait: 1e6, ErrorTrace: 0.01, ErrorShare: 0.5, PerTrace: 3, Traces: 100}
	after := compare.Absolute{GeoMean: 4e6, GeoWait: 9e6, ErrorTrace: 0.07, ErrorShare: 0.5, PerTrace: 5, Traces: 200}
	for m, want := range map[compare.Measure][2]float64{
		compare.Latency: {0.002, 0.004}, compare.Waiting: {0.001, 0.009}, compare.Errors: {0.01, 0.07}, compare.CallRate: {3, 5}, compare.Presence: {100, 200},
	} {
		q, e := slower()
		e.Cause.Measure = m
		e.Diff.Changes[0].Measure, e.Diff.Changes[0].A, e.Diff.Changes[0].B = m, before, after
		c := NewContent(q, e)
		assert.InDelta(t, want[0], float64(c.Cause.Before), 1e-12, m)
		assert.InDelta(t, want[1], float64(c.Cause.After), 1e-12, m)
		assert.NotEmpty(t, c.Cause.Unit, m)
	}
}

// What is not known is null, and what has no bound is a large number: JSON has a form for neither.
func TestNumbersWithoutAForm(t *testing.T) {
	q, e := slower()
	x := &e.Diff.Changes[0]
	x.Effect, x.Low, x.High, x.A = math.Inf(1), math.NaN(), math.Inf(1), compare.Absolute{}
	packed, err := json.Marshal(NewContent(q, e))
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal(packed, &got))
	assert.Contains(t, got, "low")
	assert.Nil(t, got["low"])
	assert.Nil(t, got["cause"].(map[string]any)["before"], "there was none that took any time")
	assert.InDelta(t, math.MaxFloat64, got["effect"], 0)
}

// What comes from spans is made harmless: it becomes labels, log lines and chat messages.
func TestHostileValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := string(rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "bytes"))
		got := clean(raw)
		assert.True(t, utf8.ValidString(got))
		assert.LessOrEqual(t, len(got), maxText*3+len("…"))
		assert.False(t, strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }))
	})
	assert.Equal(t, "GET /users", clean("GET /users"))
	assert.Equal(t, strings.Repeat("é", 127)+"…", clean("a" + strings.Repeat("é", 1000))[1:])

	const evil = "\x1b[31m\n\xff"
	q, e := slower()
	q.Name, q.Text = evil, evil
	x, cause := &e.Diff.Changes[0], e.Cause
	x.Identity = snapshot.Identity{Kind: snapshot.Edge, Service: evil, Value: evil, CallerService: evil, Caller: evil}
	cause.Site, cause.Service, cause.Deployed = x.Identity, evil, &compare.Deployment{Service: evil, From: evil, To: evil}
	for _, m := range []compare.Measure{compare.Latency, compare.Waiting, compare.Errors, compare.CallRate, compare.Presence} {
		x.Measure, cause.Measure = m, m
		packed, err := json.Marshal(NewContent(q, e))
		require.NoError(t, err)
		assert.NotContains(t, string(packed), `\u001b`, m)
		assert.NotContains(t, string(packed), `\n`, m)
	}
}
