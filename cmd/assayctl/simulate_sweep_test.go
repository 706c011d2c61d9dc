package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/test/golden"
)

func TestSimulateSweepText(t *testing.T) {
	got := assayctl(t, "", "simulate", "-q", "--rate", "20", "--warm", "--sweep", hotrod)
	require.Equal(t, exitOK, got.code, got.err)
	assert.Empty(t, got.err)
	golden.Equal(t, "simulate_sweep.txt", got.out)
	for _, line := range strings.Split(got.out, "\n") {
		assert.LessOrEqual(t, len([]rune(line)), 80, line)
	}
}

// Budgets of a rate are percentages of what comes in; labels add the recall of what they call anomalous.
func TestSimulateSweepJSON(t *testing.T) {
	s := simulated(t, "--rate", "50", "--sweep=10,1", "--seeds", "2", "--labels", hotrodLabels,
		"--set", "processors::smart_tail_sampling::budget::spans_per_second=7", hotrod)
	assert.Nil(t, s.Report)
	assert.Nil(t, s.Summary)
	require.Len(t, s.Sweep.Budgets, 2)
	assert.Equal(t, 2, s.Sweep.Runs)
	few, many := s.Sweep.Budgets[0], s.Sweep.Budgets[1]
	assert.InDelta(t, 1, few.Percentage, 0)
	assert.InEpsilon(t, 10*few.Budget, many.Budget, 1e-9)
	assert.InEpsilon(t, 0.1*17_209/(454.0/50), many.Budget, 1e-9)
	assert.Less(t, few.KeptSpans, many.KeptSpans)
	assert.Positive(t, *s.Sweep.Anomalous)
	assert.NotNil(t, many.AnomalyRecall)
}

func TestSimulateSweepRefuses(t *testing.T) {
	for _, text := range []string{"", "x", "0", "-1", "101", "NaN", "1,,2"} {
		got := assayctl(t, "", "simulate", "--sweep="+text, mixed)
		assert.Equal(t, exitUsage, got.code, text)
		assert.Contains(t, got.err, "must be percentages above 0 and at most 100", text)
		assert.Empty(t, got.out)
	}
	got := assayctl(t, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001","name":"a","endTimeUnixNano":"1000000000"}]}]}]}`,
		"simulate", "-q", "--sweep", "--set", "processors::smart_tail_sampling::budget::traces_per_second=7", "-")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.err, "the traces begin at the same time")
}
