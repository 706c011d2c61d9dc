package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/test/golden"
)

// perSecond is a budget that gateways share.
const perSecond = "processors::smart_tail_sampling::budget::spans_per_second=200"

func TestSimulateFleetText(t *testing.T) {
	got := assayctl(t, "", "simulate", "-q", "--rate", "50", "--warm", "--gateways", "4,1,2", "--labels", hotrodLabels, "--set", perSecond, hotrod)
	require.Equal(t, exitOK, got.code, got.err)
	assert.Empty(t, got.err)
	golden.Equal(t, "simulate_fleet.txt", got.out)
	one := assayctl(t, "", "simulate", "-q", "--rate", "50", "--gateways", "3", "--set", perSecond, mixed)
	require.Equal(t, exitOK, one.code, one.err)
	assert.Contains(t, one.out, "gateways: 3, each with 66.66666666666667 spans a second")
	assert.Regexp(t, `(?m)^3 +\d+ +[\d.]+ % .*\nall +611 +100 % `, one.out)
	for _, line := range strings.Split(got.out+"\n"+one.out, "\n") {
		if strings.HasPrefix(line, "smart_tail_sampling: ") {
			continue // as long as the budget and the rate make it
		}
		assert.LessOrEqual(t, len([]rune(line)), 80, line)
	}
}

// One size reports as a single sampler does, once or over many seeds or budgets; several are compared.
func TestSimulateFleetJSON(t *testing.T) {
	one := simulated(t, "--rate", "50", "--gateways", "2", mixed)
	assert.Equal(t, fleetSizes{2}, one.Gateways)
	require.Len(t, one.Report.Fleet.Gateways, 2)
	assert.Equal(t, 611, one.Report.Fleet.All.Traces)
	assert.Equal(t, 2, simulated(t, "--rate", "50", "--gateways", "2", "--seeds", "2", mixed).Summary.Seeds)
	assert.Len(t, simulated(t, "--rate", "50", "--gateways", "2", "--sweep=5", mixed).Sweep.Budgets, 1)
	several := simulated(t, "--rate", "50", "--gateways", "2,1", "--seeds", "2", mixed)
	assert.Nil(t, several.Summary)
	assert.Equal(t, 2, several.Fleet.Runs)
	require.Len(t, several.Fleet.Sizes, 2)
	assert.Equal(t, 1, several.Fleet.Sizes[0].Gateways)
	assert.InDelta(t, 10, several.Fleet.Sizes[1].Budget, 0, "a percentage is the same for each")
}

func TestSimulateFleetRefuses(t *testing.T) {
	for _, text := range []string{"", "x", "0", "-1", "501", "1.5", "1,,2"} {
		got := assayctl(t, "", "simulate", "--gateways="+text, mixed)
		assert.Equal(t, exitUsage, got.code, text)
		assert.Contains(t, got.err, "must be numbers of gateways from 1 to 500", text)
	}
	got := assayctl(t, "", "simulate", "--gateways", "1,2", "--sweep", mixed)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--gateways 1,2: must be one number with --sweep")
}
