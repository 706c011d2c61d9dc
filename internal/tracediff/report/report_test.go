package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/wire"
	"github.com/assayhq/assay/test/golden"
)

func textOf(t testing.TB, d *compare.Diff, o Options) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Text(&b, d, o))
	return b.String()
}

func markdownOf(t testing.TB, d *compare.Diff, o Options) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Markdown(&b, "What changed", d, o))
	return b.String()
}

// What people read.
func TestReports(t *testing.T) {
	for name, d := range scenarios() {
		t.Run(name, func(t *testing.T) {
			golden.Equal(t, name+".txt", textOf(t, d, Options{Top: 30}))
			golden.Equal(t, name+".md", markdownOf(t, d, Options{Top: 30}))
		})
	}
}

// What programs read.
func TestDocuments(t *testing.T) {
	for name, o := range map[string]Options{"deployment": {}, "lasting": {All: true}, "generic_clients": {Top: 2}} {
		b, err := json.MarshalIndent(NewComparison(scenarios()[name], o), "", "  ")
		require.NoError(t, err)
		golden.Equal(t, name+".json", string(b)+"\n")
	}
}

// The list says how much of it is missing.
func TestTop(t *testing.T) {
	d := deployment()
	text := textOf(t, d, Options{Top: 3})
	assert.Contains(t, text, "  and 5 more\n")
	assert.Equal(t, 3, strings.Count(text, "trace "+aTrace), text)
	doc := NewComparison(d, Options{Top: 3})
	assert.Equal(t, []int{3, 8, 10}, []int{doc.Listed, doc.Flagged, doc.ChangesTotal})
	assert.True(t, doc.Truncated)
	assert.Len(t, doc.Changes, 3)
	doc = NewComparison(d, Options{Top: 8})
	assert.False(t, doc.Truncated, "there is no more to list")
	assert.True(t, NewComparison(d, Options{Top: 9, All: true}).Truncated)

	text = textOf(t, views(), Options{Top: 2})
	assert.Contains(t, text, "    and 5 more\n", "causes")
	assert.Contains(t, text, "7 causes, 8 changes flagged (")
}

// A change stands under its cause, the main one first, and every change once.
func TestArrange(t *testing.T) {
	d := genericClients()
	a := Arrange(d)
	var order []string
	for _, c := range a.Changes {
		order = append(order, fmt.Sprintf("%s %s %s", c.Kind, c.Value, c.Measure))
	}
	assert.Equal(t, []string{
		"edge POST /payment waiting", "operation GET / latency", "edge HTTP POST latency", "operation HTTP POST latency", "total  latency",
		"operation POST /payment latency", "operation GET /admin latency",
	}, order)
	assert.Equal(t, d.Changes[3].Fingerprint, a.Cause(&d.Changes[4]))
	assert.Empty(t, a.Cause(&d.Changes[5]))

	last := lasting()
	list := Arrange(last).Changes
	assert.Equal(t, compare.Cleared, list[3].Standing, "what is over comes before what did not change")
	assert.Empty(t, list[5].Standing)
}

// What is not known is no number, least of all one that says that nothing changed.
func TestUnknown(t *testing.T) {
	d := lasting()
	for _, text := range []string{textOf(t, d, Options{All: true}), markdownOf(t, d, Options{All: true})} {
		assert.NotContains(t, text, "NaN")
		assert.NotContains(t, text, "x1.00 (")
	}
	before, after, effect := figures(&d.Changes[2])
	assert.Equal(t, []string{"200 ms", "-", "-", "-"}, []string{before, after, effect, certainty(d.Changes[2].Q)})
	c := took(op("a", "b"), 1, 2)
	c.Low = math.NaN()
	_, _, effect = figures(&c)
	assert.Equal(t, "x2.00 (- to x2.20)", effect)
	b, err := json.Marshal(NewComparison(d, Options{All: true}).Changes[2])
	require.NoError(t, err)
	assert.Contains(t, string(b), `"effect":null,"low":null,"high":null,"p":null,"q":null`)
	assert.Contains(t, string(b), `"geometric_mean_seconds":null`)
	var n wire.Number
	require.NoError(t, json.Unmarshal([]byte("null"), &n))
	assert.True(t, math.IsNaN(float64(n)))
	require.NoError(t, json.Unmarshal([]byte("1.5"), &n))
	assert.InDelta(t, 1.5, float64(n), 0)
	assert.Error(t, json.Unmarshal([]byte(`"x"`), &n))
}

func TestNumbers(t *testing.T) {
	for ns, want := range map[float64]string{
		0: "0", 12: "12.0 ns", 1234: "1.23 us", 999_600: "1.00 ms", 45.67e6: "45.7 ms", 3.2e9: "3.20 s", 120e9: "120 s",
	} {
		assert.Equal(t, want, duration(seconds(ns)))
	}
	assert.Equal(t, "<0.01 %", percentage(0.00001))
	assert.Equal(t, "1.50 %", percentage(0.015))
	assert.Equal(t, "1,234,567", count(1_234_567))
	assert.Equal(t, "999", count(999))
	assert.Equal(t, "x10000 and more", ratio(1e9))
	assert.Equal(t, "x0.031", ratio(0.031))
	assert.Equal(t, "18.0 -> 43.0 ms", between("18.0 ms", "43.0 ms"))
	assert.Equal(t, "990 us -> 501 ms", between("990 us", "501 ms"))
	assert.Equal(t, "- -> 501 ms", between("-", "501 ms"))
	assert.Equal(t, "1.00 -> 20.0 a trace", between("1.00 a trace", "20.0 a trace"))
}
