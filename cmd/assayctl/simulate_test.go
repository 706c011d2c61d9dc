package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	mixed        = "../../testdata/traces/mixed.jsonl.zst"
	hotrodLabels = "../../testdata/traces/hotrod.labels.json"
)

// writeFile writes a file of a test and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// simulated runs the command and decodes its JSON.
func simulated(t *testing.T, args ...string) simulation {
	t.Helper()
	got := assayctl(t, "", append([]string{"simulate", "-q", "-o", "json"}, args...)...)
	require.Equal(t, exitOK, got.code, got.err)
	assert.Empty(t, got.err)
	var s simulation
	require.NoError(t, json.Unmarshal([]byte(got.out), &s))
	return s
}

func TestSimulateText(t *testing.T) {
	got := assayctl(t, "", "simulate", "-q", "--rate", "50", "--labels", hotrodLabels, hotrod)
	require.Equal(t, exitOK, got.code, got.err)
	assert.Empty(t, got.err)
	for _, part := range []string{
		"smart_tail_sampling: 10 % of the spans, baseline 0.2; 50 traces a second, seed 1",
		"455 traces with 17,209 spans on 3 paths of 1 endpoint",
		"kept for ", "Recovered from the kept traces", "95 % interval",
		"Labelled anomalies: ", "invalid_customer_500", "frontend /di",
		"observed (outline) and retained (filled)", "└──",
	} {
		assert.Contains(t, got.out, part)
	}
	for _, line := range strings.Split(got.out, "\n") {
		assert.LessOrEqual(t, len([]rune(line)), 80, line)
	}
}

func TestSimulateJSON(t *testing.T) {
	s := simulated(t, "--rate", "50", "--seed", "3", mixed)
	assert.Equal(t, []string{mixed}, s.Files)
	assert.Equal(t, map[string]float64{"percentage": 10}, s.Sampler.Budget)
	assert.Equal(t, 611, s.Report.Input.Traces)
	assert.Nil(t, s.Summary)
	spans := 0
	for _, p := range s.Report.Paths {
		spans += p.KeptSpans
	}
	assert.Equal(t, s.Report.Kept.Spans, spans)
	again := simulated(t, "--rate", "50", "--seed", "3", mixed)
	assert.Equal(t, s, again, "a seed says it all")
}

func TestSimulateSeeds(t *testing.T) {
	s := simulated(t, "--rate", "50", "--seeds", "3", "--workers", "2", "--labels", hotrodLabels, "--thin", "0.02", hotrod)
	assert.Nil(t, s.Report)
	assert.Equal(t, 3, s.Summary.Seeds)
	assert.NotNil(t, s.Summary.Recall)

	got := assayctl(t, "", "simulate", "-q", "--rate", "50", "--seeds", "2", mixed)
	require.Equal(t, exitOK, got.code, got.err)
	assert.Contains(t, got.out, "2 runs: 611 traces, 11,489 spans in each")
}

// A sampler file of a few lines, a whole collector's configuration, several of them, values from the environment and from
// the command line.
func TestSimulateConfiguration(t *testing.T) {
	few := writeFile(t, "few.yaml", "processors: {smart_tail_sampling: {budget: {percentage: 5}, baseline: 0.1}}")
	none := writeFile(t, "none.yaml", "processors:\n  smart_tail_sampling:\n")
	t.Setenv("ASSAY_TEST_BUDGET", "321")
	whole := writeFile(t, "whole.yaml", `
receivers: {otlp: {protocols: {grpc: {}}}}
exporters: {debug: {}}
processors:
  batch: {}
  smart_tail_sampling/a: {budget: {traces_per_second: 7}}
  smart_tail_sampling/b:
    budget: {spans_per_second: "${env:ASSAY_TEST_BUDGET}"}
    rules: [{name: vip, action: keep, span: ['name == "x"']}]
service: {pipelines: {traces/1: {receivers: [otlp], processors: [batch, smart_tail_sampling/b], exporters: [debug]}}}
`)
	for name, c := range map[string]struct {
		args []string
		want samplerDescription
	}{
		"defaults": {nil, samplerDescription{Processor: "smart_tail_sampling", Budget: map[string]float64{"percentage": 10}, Baseline: 0.2}},
		"few":      {[]string{"-c", few}, samplerDescription{Processor: "smart_tail_sampling", Budget: map[string]float64{"percentage": 5}, Baseline: 0.1}},
		"empty":    {[]string{"-c", none}, samplerDescription{Processor: "smart_tail_sampling", Budget: map[string]float64{"percentage": 10}, Baseline: 0.2}},
		"set": {
			[]string{"-c", few, "--set", "processors::smart_tail_sampling::budget::percentage=7.5", "--set", "processors.smart_tail_sampling.baseline=0.3"},
			samplerDescription{Processor: "smart_tail_sampling", Budget: map[string]float64{"percentage": 7.5}, Baseline: 0.3},
		},
		"set alone": {
			[]string{"--set", "processors::smart_tail_sampling::budget::bytes_per_second=1e5"},
			samplerDescription{Processor: "smart_tail_sampling", Budget: map[string]float64{"bytes_per_second": 1e5}, Baseline: 0.2},
		},
		"in a pipeline": {[]string{"-c", whole}, samplerDescription{Processor: "smart_tail_sampling/b", Budget: map[string]float64{"spans_per_second": 321}, Baseline: 0.2, Rules: 1}},
		"chosen":        {[]string{"-c", whole, "--processor", "smart_tail_sampling/a"}, samplerDescription{Processor: "smart_tail_sampling/a", Budget: map[string]float64{"traces_per_second": 7}, Baseline: 0.2}},
		"two files":     {[]string{"-c", few, "-c", "yaml:processors::smart_tail_sampling::baseline: 0.4"}, samplerDescription{Processor: "smart_tail_sampling", Budget: map[string]float64{"percentage": 5}, Baseline: 0.4}},
	} {
		t.Run(name, func(t *testing.T) {
			s := simulated(t, append(c.args, "--rate", "200", mixed)...)
			assert.Equal(t, c.want, s.Sampler)
		})
	}
	got := assayctl(t, "", "simulate", "-c", whole, "--rate", "200", mixed)
	assert.Contains(t, got.err, "simulating smart_tail_sampling/b of smart_tail_sampling/a, smart_tail_sampling/b; --processor chooses another")
}

func TestSimulateRefuses(t *testing.T) {
	invalid := writeFile(t, "invalid.yaml", "processors: {smart_tail_sampling: {budget: {percentage: 500}, baseline: 3, rules: [{name: a, action: keep, span: ['nonsense(']}]}}")
	unknown := writeFile(t, "unknown.yaml", "processors: {smart_tail_sampling: {bugdet: {percentage: 5}}}")
	other := writeFile(t, "other.yaml", "processors: {batch: {}}")
	broken := writeFile(t, "broken.yaml", "processors: {")
	scalar := writeFile(t, "scalar.yaml", "processors: 7")
	for name, c := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"invalid": {[]string{"-c", invalid}, exitUsage, []string{
			"processors::smart_tail_sampling::budget::percentage: must be at most 100, got 500",
			"processors::smart_tail_sampling::baseline: must be between 0 and 1, got 3",
			"processors::smart_tail_sampling::rules::0::span::0: ",
		}},
		"unknown key":     {[]string{"-c", unknown}, exitUsage, []string{"processors::smart_tail_sampling: ", "bugdet"}},
		"no such sampler": {[]string{"-c", other}, exitUsage, []string{"the configuration has no smart_tail_sampling; without --config the defaults are simulated"}},
		"wrong processor": {[]string{"-c", unknown, "--processor", "batch"}, exitUsage, []string{"--processor batch: the configuration has no such smart_tail_sampling; it has smart_tail_sampling"}},
		"no YAML":         {[]string{"-c", broken}, exitUsage, []string{"configuration: "}},
		"no map":          {[]string{"-c", scalar}, exitUsage, []string{"processors: "}},
		"no file":         {[]string{"-c", "missing.yaml"}, exitUsage, []string{"missing.yaml"}},
		"set":             {[]string{"--set", "x"}, exitUsage, []string{"--set x: must be KEY=VALUE"}},
		"labels":          {[]string{"--labels", other}, exitUsage, []string{"--labels: ", "not a labels file"}},
		"thin":            {[]string{"--thin", "0.02"}, exitUsage, []string{"--thin: needs --labels"}},
		"numbers": {[]string{"--rate", "-1", "--seeds", "0", "--workers", "0", "--top", "-1"}, exitUsage, []string{
			"--rate: ", "--seeds: must be at least 1, got 0", "--workers: must be at least 1, got 0", "--top: must be at least 0, got -1",
		}},
		"output": {[]string{"--output", "xml"}, exitUsage, []string{`--output: must be text or json, got "xml"`}},
	} {
		t.Run(name, func(t *testing.T) {
			got := assayctl(t, "", append(append([]string{"simulate"}, c.args...), mixed)...)
			assert.Equal(t, c.code, got.code)
			assert.Empty(t, got.out)
			for _, want := range c.want {
				assert.Contains(t, got.err, want)
			}
		})
	}
	got := assayctl(t, "", "simulate")
	assert.Equal(t, exitUsage, got.code)
	got = assayctl(t, "", "simulate", "missing.jsonl")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.err, "missing.jsonl")
	got = assayctl(t, "", "simulate", "-")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.err, "no spans with a trace id")
}

// What can be read of a damaged file is simulated, and the exit code tells.
func TestSimulateDamagedFile(t *testing.T) {
	line := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001","name":"a","endTimeUnixNano":"1000000000"},{"traceId":"","spanId":"0000000000000002"}]}]}]}`
	got := assayctl(t, line+"\n{\"resourceSpans\": 3}\n", "simulate", "-")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.err, "standard input: line 2")
	assert.Contains(t, got.out, "Records that could not be read: 1")
	assert.Contains(t, got.out, "Spans without a trace id, left out: 1")
	assert.Contains(t, got.out, "1 trace with 1 span on 1 path of 1 endpoint")
}

func TestSimulateDryRun(t *testing.T) {
	dry := writeFile(t, "dry.yaml", "processors: {smart_tail_sampling: {dry_run: true}}")
	got := assayctl(t, "", "simulate", "-c", dry, "--rate", "100", mixed)
	require.Equal(t, exitOK, got.code, got.err)
	assert.Regexp(t, `(?m)^dry_run is on: `, got.err)
	assert.NotRegexp(t, `(?m)^spans +[\d,]+ +[\d,]+ +100 %$`, got.out, "the decisions count")
}

func TestSimulateInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	code := execute(ctx, []string{"simulate", "-q", mixed}, streams{in: strings.NewReader(""), out: &out, err: &out})
	assert.Equal(t, exitInterrupted, code)
	assert.Empty(t, out.String())
}
