package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// sampledFile writes what a sampler keeps of a file, marked with its threshold; manifests are kept as they are.
func sampledFile(t *testing.T, path string, th sampling.Threshold) string {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				ss.Spans().RemoveIf(func(span ptrace.Span) bool {
					id, _ := key.Open(span.TraceID())
					if traffic.IsManifest(id) {
						return false
					}
					state, err := sampling.NewW3CTraceState(span.TraceState().AsRaw())
					require.NoError(t, err)
					require.NoError(t, state.OTelValue().UpdateTValueWithSampling(th))
					var marked bytes.Buffer
					require.NoError(t, state.Serialize(&marked))
					span.TraceState().FromRaw(marked.String())
					return !th.ShouldSample(sampling.TraceIDToRandomness(span.TraceID()))
				})
			}
		}
		line, err = (&ptrace.JSONMarshaler{}).MarshalTraces(td)
		require.NoError(t, err)
		out.Write(append(line, '\n'))
	}
	sampled := filepath.Join(t.TempDir(), "sampled.jsonl")
	require.NoError(t, os.WriteFile(sampled, out.Bytes(), 0o600))
	return sampled
}

// What a declared sampler has dropped is not missing; what it must have kept is.
func TestSentinelVerifySampledFile(t *testing.T) {
	t.Setenv(keyVariable, secret)
	quarter, err := sampling.ProbabilityToThresholdWithPrecision(0.25, verify.DefaultPrecision)
	require.NoError(t, err)
	whole := sentinelFile(t, 0)
	sampled := sampledFile(t, whole, quarter)

	got := assayctl(t, "", "sentinel", "verify", sampled)
	assert.Equal(t, exitFailed, got.code, "without a word on the sampler")

	got = assayctl(t, "", "sentinel", "verify", "--sampler", "probabilistic:25", sampled)
	assert.Equal(t, exitOK, got.code, got.out)
	assert.Regexp(t, `(?m)^  delivered +\d+$`, got.out)
	assert.Regexp(t, `(?m)^  sampled_out +\d{3}$`, got.out)
	got = assayctl(t, "", "sentinel", "verify", "--sampler", "probabilistic:50:3", sampled)
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.out, "missing")

	got = assayctl(t, "", "sentinel", "verify", "--sampler", "tail", sampled)
	assert.Equal(t, exitOK, got.code, got.out)
	assert.Regexp(t, `(?m)^  unknown +\d{3}$`, got.out)
	assert.NotContains(t, got.out, "missing")
	got = assayctl(t, "", "sentinel", "verify", "--sampler", "tail", whole)
	assert.Equal(t, exitFailed, got.code, "traces without a threshold")
}

func TestSamplerOf(t *testing.T) {
	for text, want := range map[string]string{
		"probabilistic":      `--sampler: must be tail or probabilistic:PERCENT[:PRECISION], such as probabilistic:25, got "probabilistic"`,
		"tail:60s":           `--sampler: must be tail or`,
		"head":               `got "head"`,
		"probabilistic:":     `--sampler: percentage: must be a number, as in probabilistic:25, got ""`,
		"probabilistic:0":    "--sampler: percentage: must be more than 0 and at most 100, got 0",
		"probabilistic:5:x":  `--sampler: precision: must be a number of digits, as in probabilistic:25:4, got "x"`,
		"probabilistic:5:15": "--sampler: precision: must be between 1 and 14, got 15",
	} {
		_, err := samplerOf(text)
		require.ErrorContains(t, err, want)
	}
	want, err := verify.NewConsistent(12.5, 6)
	require.NoError(t, err)
	got, err := samplerOf("probabilistic:12.5:6")
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
