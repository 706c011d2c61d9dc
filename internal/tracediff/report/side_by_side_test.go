package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/golden"
)

// slowAgainstRest has properties of every kind, and no change beside them.
func slowAgainstRest() *SideBySide {
	start := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	side := func(id string, traces, spans uint64) compare.Side {
		return compare.Side{
			SnapshotID: id, Start: start, End: start.Add(10 * time.Minute), State: snapshot.Complete,
			Coverage: snapshot.Coverage{Traces: traces, Spans: spans},
		}
	}
	unknown := math.NaN()
	property := func(id snapshot.Identity, a, b, low, high, q float64) compare.Property {
		return compare.Property{
			Identity: id, TracesA: uint64(2310 * a), TracesB: uint64(190 * b), ShareA: a, ShareB: b, Difference: b - a, Low: low, High: high,
			P: q / 10, Q: q, Flagged: q < 0.05, Exemplars: []string{"0102"},
		}
	}
	attribute := func(key, value string) snapshot.Identity {
		return snapshot.Identity{Kind: snapshot.Attribute, Key: key, Value: value}
	}
	route := property(attribute("http.route", "/checkout"), 0.12, 0.95, 0.79, 0.87, 1e-9)
	for _, id := range []snapshot.Identity{
		{Kind: snapshot.Operation, Service: "shop", Value: "POST /checkout"},
		{Kind: snapshot.Service, Value: "payment"},
		{Kind: snapshot.Path, Service: "shop", Value: "POST /checkout", PathID: "00ab"},
		attribute("code.function", "checkout"),
	} {
		route.Same = append(route.Same, property(id, 0.12, 0.95, 0.79, 0.87, 1e-9))
	}
	failing := property(snapshot.Identity{Kind: snapshot.Service, Value: "payment"}, 0.01, 0.31, 0.24, 0.37, 1e-7)
	failing.Failed = true
	root := property(snapshot.Identity{Kind: snapshot.Total}, 0.01, 0.05, 0.011, 0.081, 0.012)
	root.Failed = true
	selected := property(attribute("tenant", "acme"), 0, 1, unknown, unknown, unknown)
	selected.Exemplars = nil
	return &SideBySide{
		Diff: &compare.Diff{A: side("A", 2310, 41_200), B: side("B", 190, 4100), Thresholds: compare.DefaultThresholds()},
		A:    "", B: `trace.duration > 1s AND tenant = "acme"`, Both: 12,
		Attributes: &Attributes{Ranges: []string{"bytes"}, Presence: []string{"exception.message", "user.id"}, LeftOut: []string{"x"}, More: true},
		Apart: &compare.Apart{
			FDR: 0.05, Tests: 412, Keys: 37, Enough: true, Consequences: []compare.Measure{compare.Latency, compare.Waiting},
			Telling: []compare.Property{
				route, failing, property(attribute("cache", ""), 0.9, 0.62, -0.35, -0.2, 1e-6), root,
			},
			Selected: []compare.Property{selected},
			Rest:     []compare.Property{property(attribute("zone", "b"), 0.31, 0.36, -0.02, 0.12, 0.4)},
		},
	}
}

func TestSideBySide(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, SideBySideText(&b, slowAgainstRest(), Options{Top: 30}))
	golden.Equal(t, "side_by_side.txt", b.String())
	b.Reset()
	require.NoError(t, SideBySideText(&b, slowAgainstRest(), Options{Top: 2}))
	assert.Contains(t, b.String(), "  and 2 more\n")
	b.Reset()
	require.NoError(t, SideBySideMarkdown(&b, "Two selections side by side", slowAgainstRest(), Options{}))
	golden.Equal(t, "side_by_side.md", b.String())
	doc, err := json.MarshalIndent(NewSideBySide(slowAgainstRest(), Options{All: true}).SideBySide, "", "  ")
	require.NoError(t, err)
	golden.Equal(t, "side_by_side.json", string(doc)+"\n")
	assert.Equal(t, 8, slowAgainstRest().Flagged())
}

// What all properties do not say stands in a part of its own, with the same words as in any diff; what they do say is not said again.
func TestChangesBesideProperties(t *testing.T) {
	s := slowAgainstRest()
	slow := compare.Change{
		Identity: snapshot.Identity{Kind: snapshot.Operation, Service: "cart", Value: "items"}, Measure: compare.Latency, Verdict: compare.Slower,
		Flagged: true, Effect: 2, Low: 1.8, High: 2.2, A: compare.Absolute{Spans: 9, GeoMean: 1e7}, B: compare.Absolute{Spans: 9, GeoMean: 2e7},
	}
	calls := compare.Change{
		Identity: s.Apart.Telling[0].Same[0].Identity, Measure: compare.CallRate, Verdict: compare.MoreCalls, Flagged: true, Effect: 8, Low: 6, High: 10,
	}
	s.Diff.Changes = []compare.Change{calls, slow}
	s.Diff.Causes = []compare.Cause{
		{Main: 0, Site: calls.Identity, Measure: calls.Measure, Verdict: calls.Verdict, Symptom: -1},
		{Main: 1, Service: "cart", Site: slow.Identity, Measure: slow.Measure, Verdict: slow.Verdict, Symptom: -1},
	}
	var text, md bytes.Buffer
	require.NoError(t, SideBySideText(&text, s, Options{}))
	require.NoError(t, SideBySideMarkdown(&md, "t", s, Options{}))
	for _, out := range []string{text.String(), md.String()} {
		assert.Contains(t, out, "How they differ beside that")
		assert.Contains(t, out, "slower, 10.0 -> 20.0 ms")
		assert.NotContains(t, out, "more calls")
	}
	assert.Equal(t, 9, s.Flagged())
	assert.Len(t, s.Diff.Changes, 2, "the diff itself stays as it is")
	assert.Equal(t, 1, NewSideBySide(s, Options{}).Flagged)
}

func TestNothingTellsApart(t *testing.T) {
	s := slowAgainstRest()
	s.Apart.Telling, s.Both, s.Attributes = nil, 0, nil
	text := func() string {
		var b bytes.Buffer
		require.NoError(t, SideBySideText(&b, s, Options{}))
		return b.String()
	}
	assert.Contains(t, text(), "Nothing that was compared tells B from A (412 compared")
	assert.NotContains(t, text(), "What tells B from A\n")
	assert.Zero(t, s.Flagged())
	s.Apart.Enough = false
	assert.Contains(t, text(), "Not enough data to tell B from A: 190 traces against 2,310")
}

// Names and queries from anywhere can neither move the cursor nor make markup.
func TestHostileProperties(t *testing.T) {
	lines := func(out string) int { return strings.Count(out, "\n") }
	write := func(s *SideBySide) (text, md string) {
		var a, b bytes.Buffer
		if SideBySideText(&a, s, Options{}) != nil || SideBySideMarkdown(&b, "t", s, Options{}) != nil {
			return "", ""
		}
		return a.String(), b.String()
	}
	plainText, plainMD := write(slowAgainstRest())
	rapid.Check(t, func(t *rapid.T) {
		hostile := rapid.OneOf(
			rapid.StringMatching("[\x00-\x1f<>|`@#:/*_\\[\\]()!a-z\u202e\u200b]{1,200}"), rapid.Just("\x1b]0;owned\x07\x1b[2J"),
			rapid.Just("|\n| a | @everyone https://evil.example ![x](y)"), rapid.Just(strings.Repeat("x", 1<<16)), rapid.Just("\xff\xfe\x80"),
		).Draw(t, "name")
		s := slowAgainstRest()
		id := snapshot.Identity{Kind: snapshot.Attribute, Key: hostile, Value: hostile}
		s.B = hostile
		s.Apart.Telling[0].Identity, s.Apart.Telling[0].Same[0].Identity, s.Apart.Telling[0].Exemplars = id, id, []string{hostile}
		s.Attributes.Presence, s.Attributes.LeftOut = []string{hostile}, []string{hostile}
		text, md := write(s)
		if lines(text) != lines(plainText) || lines(md) != lines(plainMD) {
			t.Fatalf("other lines:\n%s\n%s", text, md)
		}
		for _, r := range text + md {
			if r != '\n' && !unicode.IsPrint(r) && r != '\u200B' {
				t.Fatalf("%U in the output", r)
			}
		}
		if strings.Contains(md, "<") || strings.Contains(md, "](") || strings.Contains(md, "://") || strings.Contains(md, "@everyone") {
			t.Fatalf("markup: %s", md)
		}
	})
}
