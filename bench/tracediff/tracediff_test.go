package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The cases start this program anew: in a test that is the test binary.
func TestMain(m *testing.M) {
	if isChild() {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// Every case runs for a moment, and every line of the table has figures.
func TestQuick(t *testing.T) {
	results := filepath.Join(t.TempDir(), "RESULTS.md")
	var out, progress strings.Builder
	require.NoError(t, run(context.Background(), []string{"-quick", "-results", results}, &out, &progress))
	written, err := os.ReadFile(results)
	require.NoError(t, err)
	require.Contains(t, string(written), out.String())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")[2:]
	require.Len(t, lines, 11)
	for _, line := range lines {
		cells := strings.Split(line, "|")
		require.Regexp(t, `\d`, cells[2], line)
	}
	require.Equal(t, 13, strings.Count(progress.String(), "\n"), progress.String())
}

// The tutorial's algorithm finds what the tutorial shows: codes that are new, missing, and different.
func TestTutorialsAlgorithm(t *testing.T) {
	var a, b archive
	for code, times := range map[string]int{"200": 3, "503": 1, "429": 1} {
		for range times {
			a.spans = append(a.spans, document{service: "android", end: 10, isError: code != "200", tags: map[string]string{"code": code}})
		}
	}
	b.spans = append(b.spans, document{service: "android", end: 20, tags: map[string]string{"code": "200"}},
		document{service: "android", end: 5, isError: true, tags: map[string]string{"code": "403"}})
	c := compareAnalyses(a.groupBy("code"), b.groupBy("code"))
	require.Equal(t, []string{"403"}, c.appeared)
	require.ElementsMatch(t, []string{"503", "429"}, c.missing)
	require.Equal(t, []analysis{{value: "200", occurrence: -2, avgLatency: 10}}, c.diffs)
}
