package e2e

import (
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// standsFor is the adjusted count on a line of the terminal's view.
var standsFor = regexp.MustCompile(`stands_for=([0-9.e+]+)`)

// TestDefaultConfiguration runs what `make run` starts on a recording: of it some traces are kept, whole, marked and inside
// the budget, each is shown on the terminal with its reason, and their adjusted counts add up to what came in.
func TestDefaultConfiguration(t *testing.T) {
	t.Parallel()
	lines, sent := recording(t, "hotrod.jsonl.zst")
	file := filepath.Join(repository(t), "config.yaml")
	require.Zero(t, run(t, nil, "validate", "--config", file).code)
	overlay, moved := relocate(t, file)
	out := filepath.Join(t.TempDir(), "kept.jsonl")
	env := []string{"ASSAY_KEPT_FILE=" + out, "ASSAY_TRACE_DIFF_DB=" + filepath.Join(t.TempDir(), "trace_diff.db")}
	c := start(t, env, "--config", file, "--config", overlay)
	assertListens(t, "health_check", moved["extensions/health_check"])
	assertListens(t, "console", moved["extensions/console"])
	post(t, moved["receivers/otlp/http"], lines)
	c.stop(t) // decides what is still open

	keptLines, _ := written(t, out)
	before, after := byTrace(t, lines), byTrace(t, keptLines)
	kept := 0
	for _, spans := range after {
		kept += spans.spans
	}
	share := float64(kept) / float64(sent.total())
	assert.Greater(t, share, 0.03, "share of the spans that was kept, of a budget of 0.1")
	assert.Less(t, share, 0.2, "share of the spans that was kept, of a budget of 0.1")
	for id, spans := range after {
		assert.Equal(t, before[id].spans, spans.spans, "spans of kept trace %s", id)
		assert.Equal(t, spans.spans, spans.marked, "spans with a threshold of kept trace %s", id)
	}

	view := standsFor.FindAllStringSubmatch(c.out.String(), -1)
	assert.Len(t, view, len(after), "one line on the terminal for each kept trace:\n%s", c.out)
	assert.Equal(t, len(after), strings.Count(c.out.String(), "assay.sampling.reason="))
	var estimate, variance float64
	for _, match := range view {
		count, err := strconv.ParseFloat(match[1], 64)
		require.NoError(t, err)
		estimate += count
		variance += count * (count - 1)
	}
	t.Logf("kept %.1f %% of the spans, %d traces that stand for %.0f of %d", 100*share, len(after), estimate, len(before))
	// Five of its own standard errors, and some for a variance that is itself estimated from few traces.
	assert.InDelta(t, len(before), estimate, 5*math.Sqrt(variance)+0.2*float64(len(before)),
		"adjusted counts of kept traces estimate the number of traces sent")
}

// spansOfTrace counts the spans of one trace, and those that carry a sampling threshold.
type spansOfTrace struct{ spans, marked int }

// byTrace groups the spans in OTLP/JSON lines by trace id. The sentinel's are left out.
func byTrace(t *testing.T, lines [][]byte) map[string]spansOfTrace {
	t.Helper()
	traces := map[string]spansOfTrace{}
	for _, line := range lines {
		batch, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		withoutSentinel(batch)
		eachSpan(batch, func(span ptrace.Span) {
			id := span.TraceID().String()
			trace := traces[id]
			trace.spans++
			if state, err := sampling.NewW3CTraceState(span.TraceState().AsRaw()); assert.NoError(t, err) {
				if _, marked := state.OTelValue().TValueThreshold(); marked {
					trace.marked++
				}
			}
			traces[id] = trace
		})
	}
	return traces
}
