package e2e

import (
	"context"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// What the step is: every other trace waits for one operation far longer than ever before.
const (
	stepOperation = "FindDriverIDs"
	stepLength    = 900 * time.Millisecond
	stepByte      = 128 // of the 256 values of a trace id's last byte
)

// TestAllTogether starts what `make run` starts, and has all three at work on one stream: in a recording that is replayed over
// and over one operation gets slow. The sampler keeps slow ones at once, the diff names the operation, and of the sentinel's traces,
// which travel among them, none gets a bad verdict.
func TestAllTogether(t *testing.T) {
	t.Parallel()
	file := filepath.Join(repository(t), "config.yaml")
	overlay, moved := relocate(t, file)
	dir := t.TempDir()
	out := filepath.Join(dir, "kept.jsonl")
	env := []string{"ASSAY_KEPT_FILE=" + out, "ASSAY_TRACE_DIFF_DB=" + filepath.Join(dir, "trace_diff.db")}
	c := start(t, env, "--config", file, "--config", overlay)
	d := &differ{collector: c, console: moved["extensions/console"]}
	s := &watched{collector: c, console: d.console}
	stepped := filepath.Join(dir, "stepped.jsonl")
	inAPass := writeStepped(t, "hotrod.jsonl.zst", stepped)

	// A window as recorded, but for what is missing until the collector has started, and two with the step.
	const window, passes = 30 * time.Second, 12
	step := time.Now().Truncate(window).Add(2 * window)
	ctx, cancel := context.WithDeadline(t.Context(), step)
	defer cancel()
	replay(ctx, t, moved["receivers/otlp/grpc"], filepath.Join(repository(t), "testdata", "traces", "hotrod.jsonl.zst"), "--repeat=0")
	require.Error(t, ctx.Err(), "the replay has no end")
	replay(t.Context(), t, moved["receivers/otlp/grpc"], stepped, "--repeat="+strconv.Itoa(passes))

	said := ""
	slower := regexp.MustCompile("slower +redis-manual " + stepOperation)
	var diffs []seedDiff
	t.Cleanup(func() {
		for _, diff := range diffs {
			t.Log(diff.LinkA, diff.LinkB, diff.Flagged)
		}
		t.Log(said)
	})
	eventually(t, "a diff that names what got slower", 60*time.Second, func() bool {
		d.ask(t, http.MethodGet, "/api/diffs", nil, &diffs)
		for _, diff := range diffs {
			if diff.Flagged > 0 && !slower.MatchString(said) {
				said = d.assayctlDiff(t, diff)
			}
		}
		return slower.MatchString(said)
	})
	assert.NotContains(t, said, "assay-sentinel")

	v := s.status(t)
	assert.Equal(t, "ok", v.State, v.Reasons)
	assert.Empty(t, v.Failing)
	for name := range v.Verdicts {
		// Behind the sampler nothing is known of a trace that is not there.
		assert.Contains(t, []string{"delivered", "unknown", "generator_gap"}, name)
	}
	assert.Greater(t, v.Verdicts["delivered"], uint64(500))
	require.Len(t, v.Vantages, 2)
	for _, vantage := range v.Vantages {
		assert.Equal(t, "ok", vantage.State, "%s: %s", vantage.Name, vantage.Reason)
	}
	assert.Equal(t, []string{"starting", "ok"}, s.uptime(t).states(), "%s", linesWith(c.log.String(), "verdict has changed"))
	c.stop(t)

	// The sampler soon learns that this is usual now. Until then it keeps such traces for being slow; after that they count as all others.
	const onset = 3 * time.Second
	slow, atOnset, estimate, variance := 0, 0, 0.0, 0.0
	for _, trace := range steppedIn(t, out) {
		slow++
		estimate += trace.standsFor
		variance += trace.standsFor * (trace.standsFor - 1)
		if since := trace.end.Sub(step); trace.reason == "latency" && since > 0 && since < onset {
			atOnset++
		}
	}
	sent := float64(passes * inAPass)
	t.Logf("kept %d traces with the step that stand for %.0f of %.0f, %d at once for being slow", slow, estimate, sent, atOnset)
	assert.InDelta(t, sent, estimate, 5*math.Sqrt(variance)+0.1*sent)
	assert.Positive(t, atOnset, "how many is chance: three at least in every run so far")
}

// linesWith are the lines of a log that hold a text.
func linesWith(log, text string) string {
	var found strings.Builder
	for line := range strings.Lines(log) {
		if strings.Contains(line, text) {
			found.WriteString(line)
		}
	}
	return found.String()
}

// replay sends a recording by assayctl, forty times as fast as it was recorded, until it or ctx ends.
func replay(ctx context.Context, t *testing.T, to, file string, args ...string) {
	t.Helper()
	ctl := filepath.Join(repository(t), "_build", "assayctl")
	if _, err := os.Stat(ctl); err != nil {
		lacking(t, "_build/assayctl: run make build")
	}
	args = append([]string{"replay", "--endpoint", to, "--speed=40", "--quiet", "--decisions=", file}, args...)
	cmd := exec.CommandContext(ctx, ctl, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	text, err := cmd.CombinedOutput()
	if ctx.Err() == nil {
		require.NoErrorf(t, err, "%s", text)
	}
}

// writeStepped writes a recording in which an operation takes longer in some traces, and those who wait for it, too. It
// returns how many traces these are.
func writeStepped(t *testing.T, recorded, to string) int {
	t.Helper()
	type identity struct {
		trace pcommon.TraceID
		span  pcommon.SpanID
	}
	lines, _ := recording(t, recorded)
	batches := make([]ptrace.Traces, len(lines))
	spans := map[identity]ptrace.Span{}
	for i, line := range lines {
		var err error
		batches[i], err = (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		eachSpan(batches[i], func(s ptrace.Span) { spans[identity{s.TraceID(), s.SpanID()}] = s })
	}
	slow := map[pcommon.TraceID]bool{}
	for id, s := range spans {
		if s.Name() != stepOperation || id.trace[15] >= stepByte {
			continue
		}
		slow[id.trace] = true
		for known := true; known; s, known = spans[identity{id.trace, s.ParentSpanID()}] {
			s.SetEndTimestamp(s.EndTimestamp() + pcommon.Timestamp(stepLength))
		}
	}
	require.NotEmpty(t, slow)
	var text []byte
	for _, batch := range batches {
		line, err := (&ptrace.JSONMarshaler{}).MarshalTraces(batch)
		require.NoError(t, err)
		text = append(append(text, line...), '\n')
	}
	require.NoError(t, os.WriteFile(to, text, 0o600))
	return len(slow)
}

// steppedTrace is a kept trace with the step.
type steppedTrace struct {
	end       time.Time // of the slow operation
	standsFor float64
	reason    string
}

// steppedIn reads those of a file of kept traces.
func steppedIn(t *testing.T, file string) map[pcommon.TraceID]steppedTrace {
	t.Helper()
	lines, _ := written(t, file)
	slow, reasons := map[pcommon.TraceID]steppedTrace{}, map[pcommon.TraceID]string{}
	for _, line := range lines {
		batch, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		eachSpan(batch, func(s ptrace.Span) {
			if reason, ok := s.Attributes().Get("assay.sampling.reason"); ok {
				reasons[s.TraceID()] = reason.AsString()
			}
			if s.Name() == stepOperation && s.EndTimestamp()-s.StartTimestamp() >= pcommon.Timestamp(stepLength) {
				state, err := sampling.NewW3CTraceState(s.TraceState().AsRaw())
				require.NoError(t, err)
				slow[s.TraceID()] = steppedTrace{end: s.EndTimestamp().AsTime(), standsFor: state.OTelValue().AdjustedCount()}
			}
		})
	}
	for id, trace := range slow {
		trace.reason = reasons[id]
		slow[id] = trace
	}
	return slow
}

// withoutSentinel takes the sentinel's spans out.
func withoutSentinel(td ptrace.Traces) {
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		namespace, ok := rs.Resource().Attributes().Get("service.namespace")
		return ok && namespace.AsString() == "assay-sentinel"
	})
}

func eachSpan(td ptrace.Traces, visit func(ptrace.Span)) {
	for _, resourceSpans := range td.ResourceSpans().All() {
		for _, scopeSpans := range resourceSpans.ScopeSpans().All() {
			for _, span := range scopeSpans.Spans().All() {
				visit(span)
			}
		}
	}
}
