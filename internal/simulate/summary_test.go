package simulate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/test/golden"
)

// Four runs of 100 traces each that recover 90, 110, 110 and 130: 10 too many in the mean, with a standard deviation of 16.33.
func byHand() []*run {
	var runs []*run
	for _, value := range []float64{90, 110, 110, 130} {
		e := Estimate{Truth: 100, Value: value, StdErr: 15, Design: 12, Low: value - 25, High: value + 40, Kept: 120}
		r := &Report{Recovered: RecoveredReport{Traces: e}}
		r.Input.Traces, r.Kept.Traces, r.Kept.TraceShare = 100, int(value)/10, value/1000
		r.Recovered.Errors = Estimate{Truth: 7, Value: 7, Low: 7, High: 7, Kept: 7}
		r.Recovered.P50 = Estimate{Truth: 2, Value: 2 * value / 100, Low: 1, High: 3, Kept: 120}
		r.Labels = &LabelReport{
			Anomalous: 4, Kept: 2, Recall: 0.5, Windows: 2, WindowsSeen: 1, Normal: 96,
			Faults: []FaultReport{{"cpu", 3, 1, 1.0 / 3}, {"net", 1, 1, 1}},
		}
		r.Reasons = []ReasonReport{{Reason: "latency", Traces: 2, Spans: 8, Share: 0.5}, {Reason: "error", Traces: 4, Spans: 8, Share: 0.5}}
		runs = append(runs, &run{report: r, endpoints: map[string]Estimate{"shop GET /": e}})
	}
	delete(runs[3].endpoints, "shop GET /") // in that run there was no such trace
	return runs
}

func TestSummaryByHand(t *testing.T) {
	s := summarize(byHand())
	assert.Equal(t, Spread{Mean: 100, Min: 100, Max: 100}, s.Traces)
	assert.InDelta(t, 0.11, s.TraceShare.Mean, 1e-12)
	assert.InDelta(t, 0.01633, s.TraceShare.SD, 1e-5)
	assert.InDelta(t, 40/30.0, s.PooledZ, 1e-12) // 40 too many, of a variance of 4 * 225
	q := s.Quantities[0]
	assert.Equal(t, "traces", q.Name)
	assert.Equal(t, []float64{100, 110, 120}, []float64{q.Truth, q.Estimate, q.Kept})
	assert.InDelta(t, 10/(16.3299/2), q.Bias, 1e-4, "of the standard deviation of the runs, which is above that of the design")
	assert.InDelta(t, 15, q.StdErr, 1e-12)
	assert.InDelta(t, 12, q.Design, 1e-12)
	assert.InDelta(t, 0.75, q.Coverage, 1e-12, "130 less 25 is too high")
	assert.InDelta(t, 0.75, q.Wald, 1e-12, "130 less 29.4 too")
	assert.True(t, q.Enough())
	assert.False(t, q.Exact)
	var errors, endpoint Quantity
	for _, k := range s.Quantities {
		switch k.Name {
		case "traces with an error":
			errors = k
		case TracesAt + "shop GET /":
			endpoint = k
		}
	}
	assert.True(t, errors.Exact)
	assert.Zero(t, errors.Bias)
	assert.InDelta(t, 1, errors.Coverage, 0)
	assert.False(t, errors.Enough())
	assert.InDelta(t, 310/3.0, endpoint.Estimate, 1e-9, "the mean of the three runs that had such traces")
	assert.InDelta(t, 1, endpoint.Coverage, 0)
	assert.InDelta(t, 1.1, s.Derived[1].Ratio.Mean, 1e-12)
	assert.Equal(t, []SummaryFault{{"cpu", 12, 4, 1.0 / 3}, {"net", 4, 4, 1}}, s.Faults)
	assert.InDelta(t, 0.5, s.Recall.Mean, 0)
	assert.InDelta(t, 0.5, s.WindowsSeen.Mean, 0)
	assert.Equal(t, []SummaryReason{{"error", 4, 0.5}, {"latency", 2, 0.5}}, s.Reasons)
}

// Where a trace counts for much and is hardly ever kept, the runs agree with each other and are all too low. The truth is
// further from them than their own spread, but not than that of the design.
func TestBiasOfWhatIsHardlyEverKept(t *testing.T) {
	var runs []*run
	for range 20 {
		runs = append(runs, &run{report: &Report{Recovered: RecoveredReport{Traces: Estimate{Truth: 8, Value: 7, Design: 22, Kept: 7}}}})
	}
	assert.InDelta(t, -1/(22/4.472), summarize(runs).Quantities[0].Bias, 1e-3)
}

func TestSummaryText(t *testing.T) {
	s := summarize(byHand())
	var b strings.Builder
	require.NoError(t, s.WriteText(&b, TextOptions{}))
	golden.Equal(t, "summary.txt", b.String())
	for _, line := range strings.Split(b.String(), "\n") {
		assert.LessOrEqual(t, len([]rune(line)), 80, line)
	}
	_, err := json.Marshal(s)
	require.NoError(t, err)
}
