package slo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// add counts n verdicts, one a second from a time on.
func add(t *Tracker, from time.Duration, n int, v verify.Verdict, delay time.Duration) {
	for i := range n {
		t.Add(from+time.Duration(i)*time.Second, &verify.Judgement{Verdict: v, Traces: 1, Delay: delay})
	}
}

// An hour of a trace a second, of which 0.1 % may be bad: 3.6.
func TestBudgetAndBurnRate(t *testing.T) {
	tr := NewTracker(Config{Completeness: 0.999, P99: time.Second, Window: time.Hour})
	assert.Equal(t, NoData, tr.Report(0, 0).Completeness.State)
	add(tr, 0, 3598, verify.Delivered, time.Millisecond)
	tr.Add(600*time.Second, &verify.Judgement{Verdict: verify.Missing, Traces: 1})
	tr.Add(601*time.Second, &verify.Judgement{Verdict: verify.Corrupt, Traces: 1})
	r := tr.Report(3599*time.Second, 0).Completeness
	assert.Equal(t, OK, r.State)
	assert.InDelta(t, 2.0/3600/0.001, r.Burn, 1e-9)
	assert.InDelta(t, 1-2/3.6, r.Budget, 1e-9)
	assert.Zero(t, r.ShortBurn)

	tr.Add(3599*time.Second, &verify.Judgement{Verdict: verify.Duplicate, Traces: 1})
	r = tr.Report(3599*time.Second, 0).Completeness
	assert.Equal(t, Burning, r.State, "one in five minutes is more than 0.3")
	assert.InDelta(t, 1/300.0/0.001, r.ShortBurn, 0.02)

	tr.Add(3599*time.Second, &verify.Judgement{Verdict: verify.Unexpected, Traces: 1})
	r = tr.Report(3599*time.Second, 0).Completeness
	assert.Equal(t, Exhausted, r.State)
	assert.Negative(t, r.Budget)
	r = tr.Report(3599*time.Second+59*time.Minute, 0).Completeness
	assert.EqualValues(t, 2, r.Bad, "what is older than the window has left it")
	assert.Equal(t, NoData, tr.Report(3*time.Hour, 0).Completeness.State)
}

func TestLatency(t *testing.T) {
	tr := NewTracker(Default())
	add(tr, 0, 990, verify.Delivered, 15*time.Second)
	add(tr, 0, 9, verify.Delivered, 16*time.Second)
	assert.Equal(t, OK, tr.Report(990*time.Second, 0).Latency.State)
	add(tr, 0, 20, verify.Late, 40*time.Second)
	r := tr.Report(990*time.Second, 0)
	assert.Equal(t, Exhausted, r.Latency.State)
	assert.Equal(t, OK, r.Completeness.State, "what is late is not lost")
}

func TestCoverage(t *testing.T) {
	tr := NewTracker(Default())
	assert.InDelta(t, 1, tr.Report(0, 0).Coverage, 0)
	add(tr, 0, 60, verify.Delivered, 0)
	add(tr, 0, 30, verify.Unknown, 0)
	add(tr, 0, 10, verify.GeneratorGap, 0)
	add(tr, 0, 100, verify.SampledOut, 0)
	assert.InDelta(t, 0.6, tr.Report(time.Minute, 0).Coverage, 1e-9)
}

// What a verdict replaces counts no longer.
func TestRevisedVerdicts(t *testing.T) {
	tr := NewTracker(Default())
	tr.Add(0, &verify.Judgement{Verdict: verify.Missing, Traces: 1})
	tr.Add(0, &verify.Judgement{Verdict: verify.Late, Was: verify.Missing, Traces: 1})
	tr.Add(0, &verify.Judgement{Verdict: verify.Delivered, Traces: 1})
	tr.Add(0, &verify.Judgement{Verdict: verify.Duplicate, Was: verify.Delivered, Traces: 1})
	r := tr.Report(0, 0)
	assert.EqualValues(t, 1, r.Completeness.Good)
	assert.EqualValues(t, 1, r.Completeness.Bad)
	assert.EqualValues(t, 1, r.Latency.Bad)
}

func TestValidate(t *testing.T) {
	c := Config{Completeness: 1, Window: time.Second}
	require.EqualError(t, c.Validate(), `completeness: must be more than 0 and less than 1 (nothing is perfect), got 1
p99: must be positive, got 0s
window: must be between 1m and 744h, got 1s`)
	c = Default()
	require.NoError(t, c.Validate())
}

// Where one trace is timed in the place of others, it counts for all of them, and a few slow ones are no chance only when they are three. A trace
// whose delay was not observed counts for neither.
func TestTimedTracesStandForOthers(t *testing.T) {
	tr := NewTracker(Default())
	timed := func(n int, delay time.Duration) {
		for range n {
			tr.Add(0, &verify.Judgement{Verdict: verify.Delivered, Traces: 1, Delay: delay, Stands: 20})
			add(tr, 0, 19, verify.Delivered, 0)
		}
	}
	timed(100, time.Second)
	r := tr.Report(0, 0)
	assert.EqualValues(t, 2000, r.Latency.Good)
	assert.EqualValues(t, 2000, r.Completeness.Good)
	timed(2, 16*time.Second)
	assert.Zero(t, tr.Report(0, 0).Latency.ShortBurn)
	timed(1, 16*time.Second)
	assert.InDelta(t, 3.0/103/0.01, tr.Report(0, 0).Latency.ShortBurn, 1e-9)
	tr.Add(0, &verify.Judgement{Verdict: verify.Late, Was: verify.Delivered, Traces: 1, Delay: 16 * time.Second, Stands: 20})
	assert.EqualValues(t, 41, tr.Report(0, 0).Latency.Bad, "the one that it is now itself")
}

// What is overdue counts before it has a verdict.
func TestOverdueCounts(t *testing.T) {
	tr := NewTracker(Default())
	tr.Add(0, &verify.Judgement{Verdict: verify.Delivered, Traces: 858})
	r := tr.Report(0, 142)
	assert.EqualValues(t, 142, r.Completeness.Bad)
	assert.EqualValues(t, 142, r.Completeness.ShortBad)
	assert.InDelta(t, 0.142/0.0001, r.Completeness.ShortBurn, 1e-6)
	assert.Equal(t, Exhausted, r.Completeness.State)
	assert.InDelta(t, 1, r.Coverage, 0)
	assert.Zero(t, tr.Report(0, 0).Completeness.Bad)
}

// Delays are known to a twentieth, forgotten with the window, and said only where they were observed.
func TestDelays(t *testing.T) {
	d := NewDelays(time.Hour)
	assert.Nil(t, d.Report(0))
	d.Add(0, &verify.Judgement{Verdict: verify.Delivered})
	d.Add(0, &verify.Judgement{Verdict: verify.Missing, Delay: time.Second})
	d.Add(0, &verify.Judgement{Verdict: verify.Late, Was: verify.Missing, Delay: time.Second})
	assert.Nil(t, d.Report(0))
	for n := range 1000 {
		d.Add(time.Duration(n)*time.Second, &verify.Judgement{Verdict: verify.Delivered, Delay: time.Duration(n+1) * 10 * time.Millisecond})
	}
	r := d.Report(1000 * time.Second)
	assert.EqualValues(t, 1000, r.Traces)
	assert.InEpsilon(t, 5, r.P50, 0.05)
	assert.InEpsilon(t, 9.9, r.P99, 0.05)
	assert.InEpsilon(t, 7.5, d.Report(time.Hour+290*time.Second).P50, 0.15, "the older half is forgotten")
	assert.Nil(t, d.Report(3*time.Hour))
	d.Add(3*time.Hour, &verify.Judgement{Verdict: verify.Late, Delay: 1000 * time.Hour})
	assert.Positive(t, d.Report(3*time.Hour).P99)
}
