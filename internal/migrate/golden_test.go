package migrate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/test/golden"
)

// Each folder of testdata is a case: old.yaml and traces.txt are given, new.yaml, differences.txt and truth.txt follow from them. The
// truth is what both samplers do with each trace; where they do not agree, a policy must be listed as one that differs.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/cases/*")
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			old, err := os.ReadFile(filepath.Join(folder, "old.yaml"))
			require.NoError(t, err)
			result, err := Migrate(old, Options{Rest: DefaultRest})
			require.NoError(t, err)
			name := func(file string) string { return strings.TrimPrefix(filepath.Join(folder, file), "testdata/") }
			golden.Equal(t, name("new.yaml"), string(result.Output))
			var text strings.Builder
			require.NoError(t, result.WriteText(&text))
			golden.Equal(t, name("differences.txt"), text.String())
			golden.Equal(t, name("truth.txt"), truth(t, old, result, filepath.Join(folder, "traces.txt")))
		})
	}
}

// truth is a table of what both samplers do.
func truth(t *testing.T, old []byte, result *Result, file string) string {
	lines, err := os.ReadFile(file)
	require.NoError(t, err)
	var names []string
	var traces [][]ptrace.Traces
	for line := range strings.Lines(string(lines)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, spans, ok := strings.Cut(line, ": ")
		require.True(t, ok, line)
		names = append(names, name)
		traces = append(traces, traceLine(spans).copies(copiesOfEach, uint64(len(names))))
	}
	news := runNew(t, processorSection(t, result.Output, newType), traces)
	var b strings.Builder
	fmt.Fprintf(&b, "%-40s %-14s %s\n", "trace", oldType, newType)
	sampled, err := runOld(t, processorSection(t, old, oldType), traces)
	if err != nil {
		fmt.Fprintf(&b, "tail_sampling does not start: %v\n", err)
		assert.Equal(t, Lost, result.Worst())
	}
	for i, name := range names {
		o := news[i]
		was := "-"
		agreed := true
		if err == nil {
			o.sampled = sampled[i]
			was = map[bool]string{true: "some"}[o.sampled > 0 && o.sampled < copiesOfEach]
			switch o.sampled {
			case 0:
				was = "not sampled"
			case copiesOfEach:
				was = "sampled"
			}
			agreed = o.agrees(4.5)
		}
		if !agreed {
			assert.True(t, excused(result), "%s: %+v", name, o)
		}
		fmt.Fprintf(&b, "%-40s %-14s %s\n", name, was, o.String()+map[bool]string{false: "   <- other"}[agreed])
	}
	return b.String()
}

// excused tells whether the result says of a policy, or of what changes them all, that decisions may be others, chance aside.
func excused(r *Result) bool {
	return slices.ContainsFunc(r.Differences, func(d Difference) bool {
		return slices.ContainsFunc(d.why, func(why string) bool { return why != otherTraces }) ||
			d.Subject == "sampling_strategy" && d.Kind == Differs || d.Subject == "maximum_trace_size_bytes" && d.Kind == Lost
	})
}

func (o *outcome) String() string {
	switch o.verb {
	case "":
		return "budget"
	case "weight":
		return o.rule + ": budget"
	case others, "probability":
		return fmt.Sprintf("%s: %v", o.rule, o.probability)
	}
	return o.rule + ": " + o.verb
}
