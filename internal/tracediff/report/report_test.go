package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/golden"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// example has a change of every kind.
func example() *compare.Diff {
	start := time.Date(2026, 11, 21, 8, 40, 0, 0, time.UTC)
	d := &compare.Diff{
		A:          compare.Side{SnapshotID: "a", Start: start, End: start.Add(10 * time.Minute), State: snapshot.Complete, Coverage: snapshot.Coverage{Traces: 4748, Spans: 1_028_821}},
		B:          compare.Side{SnapshotID: "b", Start: start.Add(10 * time.Minute), End: start.Add(20 * time.Minute), State: snapshot.Partial, Coverage: snapshot.Coverage{Traces: 4801, Spans: 28_901, Orphans: 12, Late: 3}},
		Thresholds: compare.DefaultThresholds(), Tests: 286,
	}
	latency := func(id snapshot.Identity, flagged bool, v compare.Verdict) compare.Change {
		return compare.Change{
			Identity: id, Measure: compare.Latency, Verdict: v, Flagged: flagged, Effect: 2.01, Low: 1.8, High: 2.24, P: 1e-9, Q: 1e-7,
			A: compare.Absolute{GeoMean: 12.34e6, Traces: 4000}, B: compare.Absolute{GeoMean: 24.8e6, Traces: 4100}, Exemplars: []string{"0102"},
		}
	}
	cart := snapshot.Identity{Kind: snapshot.Operation, Service: "shop", Value: "GET /cart"}
	slow := latency(cart, true, compare.Slower)
	slow.Standing = compare.Confirmed
	d.Changes = []compare.Change{
		slow,
		latency(snapshot.Identity{Kind: snapshot.Total}, true, compare.Slower),
		{
			Identity: snapshot.Identity{Kind: snapshot.Service, Value: "pay"}, Measure: compare.Errors, Verdict: compare.MoreErrors, Flagged: true,
			Effect: 0.0153, Low: 0.009, High: 0.022, Q: 0.0023, A: compare.Absolute{ErrorShare: 0.0048}, B: compare.Absolute{ErrorShare: 0.0201},
		},
		{
			Identity: snapshot.Identity{Kind: snapshot.Edge, CallerService: "shop", Caller: "GET /cart", Service: "db", Value: "SELECT"},
			Measure:  compare.Presence, Verdict: compare.New, Flagged: true, Effect: 0.01, Q: 0.03, B: compare.Absolute{Traces: 48},
		},
		{
			Identity: snapshot.Identity{Kind: snapshot.Attribute, Key: "http.response.status_code", Value: "503"}, Measure: compare.CallRate,
			Verdict: compare.FewerCalls, Flagged: true, Effect: 0.031, Low: 0.011, High: 0.08, Q: 0.0004, A: compare.Absolute{PerTrace: 0.12}, B: compare.Absolute{PerTrace: 0.004},
		},
		latency(snapshot.Identity{Kind: snapshot.Path, Service: "shop", Value: "GET /", PathID: "ab12"}, false, compare.Same),
		latency(snapshot.Identity{Kind: snapshot.Service, Value: "mail"}, false, compare.NotEnoughData),
	}
	return d
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Text(&b, example(), Options{}))
	golden.Equal(t, "diff.txt", b.String())
	b.Reset()
	require.NoError(t, Text(&b, example(), Options{Top: 2, All: true}))
	golden.Equal(t, "diff_top.txt", b.String())
}

func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Markdown(&b, "What changed", example(), Options{}))
	golden.Equal(t, "diff.md", b.String())
}

func TestDocument(t *testing.T) {
	doc := NewDocument(example(), Options{All: true})
	assert.Equal(t, 5, doc.Flagged)
	assert.Equal(t, 1, doc.Unknown)
	assert.Equal(t, 7, doc.Groups)
	b, err := json.MarshalIndent(doc, "", "  ")
	require.NoError(t, err)
	golden.Equal(t, "diff.json", string(b)+"\n")
}

func TestNothingFlagged(t *testing.T) {
	var b bytes.Buffer
	d := example()
	d.Changes = d.Changes[5:6]
	d.History = 30
	require.NoError(t, Text(&b, d, Options{}))
	assert.Contains(t, b.String(), "No change is flagged (286 tests, false discovery rate 0.05; how much windows differ learned from 30 pairs)")
	assert.NotContains(t, b.String(), "Not enough data")
}

// What comes from a span can neither move the cursor nor make markup, however it is put together.
func TestHostileNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hostile := rapid.OneOf(
			rapid.String(), rapid.StringMatching("[\x00-\x1f<>|`@#:/*_\\[\\]()!a-z\u202e\u200b]{0,200}"),
			rapid.Just("\x1b]0;owned\x07\x1b[2J"), rapid.Just("<img src=x onerror=alert(1)>"), rapid.Just("|\n| a | @everyone https://evil.example ![x](y)"),
			rapid.Just(strings.Repeat("x", 1<<20)), rapid.Just("\xff\xfe\x80"),
		).Draw(t, "name")
		d := example()
		id := snapshot.Identity{Kind: snapshot.Attribute, Key: hostile, Value: hostile}
		d.Changes[0].Identity, d.Changes[0].Exemplars = id, []string{hostile}
		var text, md bytes.Buffer
		if Text(&text, d, Options{}) != nil || Markdown(&md, hostile, d, Options{}) != nil {
			t.Fatal("not written")
		}
		for _, out := range []string{text.String(), md.String()} {
			if len(out) > 20_000 {
				t.Fatalf("%d bytes", len(out))
			}
			for _, r := range out {
				if r != '\n' && !unicode.IsPrint(r) && r != '\u200B' {
					t.Fatalf("%U in the output", r)
				}
			}
		}
		plain := strings.ReplaceAll(md.String(), "<", "")
		if len(plain) != len(md.String()) || strings.Contains(md.String(), "](") || strings.Contains(md.String(), "://") || strings.Contains(md.String(), "@everyone") {
			t.Fatalf("markup: %s", md.String())
		}
		if lines := strings.Count(md.String(), "\n"); lines != strings.Count(markdownOf(example()), "\n") {
			t.Fatalf("%d lines", lines)
		}
	})
}

func markdownOf(d *compare.Diff) string {
	var b bytes.Buffer
	_ = Markdown(&b, "t", d, Options{})
	return b.String()
}

func TestNumbers(t *testing.T) {
	for ns, want := range map[float64]string{
		0: "0", 12: "12.0 ns", 1234: "1.23 us", 999_600: "1.00 ms", 45.67e6: "45.7 ms", 3.2e9: "3.20 s", 120e9: "120 s",
	} {
		assert.Equal(t, want, duration(ns))
	}
	assert.Equal(t, "<0.01 %", percentage(0.00001))
	assert.Equal(t, "1.50 %", percentage(0.015))
	assert.Equal(t, "1,234,567", count(1_234_567))
	assert.Equal(t, "999", count(999))
	assert.Equal(t, "x10000 and more", ratio(1e9))
	assert.Equal(t, "x0.031", ratio(0.031))
}
