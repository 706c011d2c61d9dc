package simulate

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
	"github.com/assayhq/assay/internal/tracestate"
	"github.com/assayhq/assay/test/golden"
)

// Thresholds of traces kept with certainty, one in two and one in four.
const (
	all     = uint64(0)
	half    = uint64(1) << 55
	quarter = uint64(3) << 54
)

// traffic is twelve traces sampled by hand, on two paths of one endpoint and one of another.
func traffic() (Plan, *Result, *Labels) {
	type row struct {
		endpoint  string
		path      tracesketch.Path
		spans     int
		errors    int
		rootError bool
		ms        int
		threshold uint64
		kept      bool
		reason    string
		label     []string
	}
	var plan Plan
	plan.Anomalous = map[*Trace]bool{}
	labels := &Labels{Dataset: "by hand", Traces: map[string][]string{}}
	res := &Result{LateKept: 2, LateDropped: 3}
	for n, r := range []row{
		{"shop GET /home", 0xa1c0ffee00000001, 4, 0, false, 10, quarter, true, "baseline", []string{ClassNormal}},
		{"shop GET /home", 0xa1c0ffee00000001, 4, 0, false, 11, quarter, false, "baseline", []string{ClassNormal}},
		{"shop GET /home", 0xa1c0ffee00000001, 4, 0, false, 12, quarter, false, "baseline", []string{ClassNormal}},
		{"shop GET /home", 0xa1c0ffee00000001, 4, 0, false, 13, quarter, false, "baseline", []string{ClassNormal}},
		{"shop GET /home", 0xa1c0ffee00000001, 4, 0, false, 20, half, true, "latency", []string{ClassNormal}},
		{"shop GET /home", 0xa1c0ffee00000001, 4, 0, false, 25, half, false, "latency", []string{ClassNormal}},
		{"shop GET /home", 0xa1c0ffee00000001, 4, 1, false, 30, half, true, "latency", []string{ClassAnomalous, "cpu", "w1"}},
		{"shop GET /home", 0xa1c0ffee00000001, 4, 0, false, 40, half, false, "latency", []string{ClassAnomalous, "cpu", "w2"}},
		{"shop GET /home", 0xa2c0ffee00000001, 5, 2, true, 100, all, true, "error", []string{ClassAnomalous, "net", "w1"}},
		{"shop GET /home", 0xa2c0ffee00000001, 5, 0, false, 120, all, true, "rarity", nil},
		{"cart POST /order\x1b[31m", 0xb1c0ffee00000001, 9, 0, false, 900, all, true, "rule:orders", []string{"guard"}},
		{"cart POST /order\x1b[31m", 0xb1c0ffee00000001, 9, 1, true, 1000, all, true, "rule:orders", []string{ClassNormal}},
	} {
		tr := &Trace{
			ID: pcommon.TraceID{byte(n + 1)}, Endpoint: r.endpoint, Path: r.path, Spans: r.spans, Errors: r.errors,
			RootError: r.rootError, Duration: time.Duration(r.ms) * time.Millisecond,
		}
		a := Arrival{At: time.Duration(n) * time.Second, Trace: tr, ID: tr.ID}
		o := Outcome{Arrival: a, Decided: true, Kept: r.kept, Threshold: r.threshold, At: a.At, Decision: tailsampling.Decision{
			TraceID: tr.ID, Kept: r.kept, Reason: r.reason, Probability: tracestate.Probability(r.threshold), Threshold: r.threshold,
			Marked: true, Path: r.path, Spans: r.spans, Latency: time.Duration(n+1) * 100 * time.Millisecond,
		}}
		if r.kept {
			o.SpansSent = r.spans
		}
		plan.Arrivals = append(plan.Arrivals, a)
		res.Outcomes = append(res.Outcomes, o)
		if r.label != nil {
			labels.Traces[tr.ID.String()] = r.label
			plan.Anomalous[tr] = r.label[0] == ClassAnomalous
		}
	}
	res.Outcomes[11].Decision.Spans = 6 // three came late
	res.Outcomes[10].SpansSent = 8      // and one of these never
	return plan, res, labels
}

func TestReportByHand(t *testing.T) {
	r := NewReport(traffic())
	assert.Equal(t, InputReport{
		Traces: 12, Spans: 8*4 + 2*5 + 2*9, Errors: 3, RootErrors: 2, Paths: 3, Endpoints: 2, Seconds: 11,
	}, r.Input)

	// Kept are one for four, two for two, and four for themselves.
	assert.Equal(t, 7, r.Kept.Traces)
	assert.Equal(t, 3*4+2*5+9+8, r.Kept.Spans)
	assert.InDelta(t, 7.0/12, r.Kept.TraceShare, 1e-12)
	assert.InDelta(t, 39.0/60, r.Kept.SpanShare, 1e-12)
	assert.InDelta(t, (16+4+4+1+1+1+1)/12.0, r.Kept.MeanInverseP, 1e-12)
	assert.Equal(t, []int{3, 3, 2}, []int{r.Kept.Paths, r.Kept.Errors, r.Kept.RootErrors})

	assert.Equal(t, []ReasonReport{
		{Reason: "latency", Traces: 2, Spans: 8, Share: 8.0 / 39},
		{Reason: "rule:orders", Traces: 2, Spans: 17, Share: 17.0 / 39},
		{Reason: "baseline", Traces: 1, Spans: 4, Share: 4.0 / 39},
		{Reason: "error", Traces: 1, Spans: 5, Share: 5.0 / 39},
		{Reason: "rarity", Traces: 1, Spans: 5, Share: 5.0 / 39},
	}, r.Reasons)

	v := r.Recovered
	assert.InDelta(t, 12, v.Traces.Value, 1e-12) // 4 + 2 + 2 + 1 + 1 + 1 + 1
	assert.InDelta(t, 12, v.Traces.Truth, 1e-12)
	assert.InDelta(t, 16, v.Traces.StdErr*v.Traces.StdErr, 1e-9)    // 3/4 16 + 2 * 1/2 4
	assert.InDelta(t, 4*3+4, v.Traces.Design*v.Traces.Design, 1e-9) // four times 3, four times 1
	assert.InDelta(t, 16+8+8+5+5+9+9, v.Spans.Value, 1e-12)
	assert.InDelta(t, 60, v.Spans.Truth, 1e-12)
	assert.InDelta(t, 2+1+1, v.Errors.Value, 1e-12)
	assert.InDelta(t, 3, v.Errors.Truth, 1e-12)
	assert.InDelta(t, 2, v.RootErrors.Value, 1e-12)
	assert.InDelta(t, 4.0/12, v.ErrorRate.Value, 1e-12)
	assert.InDelta(t, 3.0/12, v.ErrorRate.Truth, 1e-12)
	// By duration the kept stand for 4, 2, 2, 1, 1, 1, 1.
	assert.Equal(t, []float64{0.020, 0.025}, []float64{v.P50.Value, v.P50.Truth})
	assert.Equal(t, []float64{0.900, 0.900}, []float64{v.P90.Value, v.P90.Truth})
	assert.Equal(t, []float64{1, 1}, []float64{v.P99.Value, v.P99.Truth})

	d := r.Decisions
	assert.InDelta(t, 57.0/60, d.Completeness, 1e-12)
	assert.InDelta(t, 6.0/7, d.Whole, 1e-12)
	assert.InDelta(t, 0.6, d.LatencyP50, 1e-12)
	assert.InDelta(t, 1.2, d.LatencyP99, 1e-12)
	assert.Equal(t, []int{2, 3}, []int{d.LateKept, d.LateDropped})

	assert.Equal(t, &LabelReport{
		Dataset: "by hand", Anomalous: 3, Kept: 2, Recall: 2.0 / 3, Windows: 3, WindowsSeen: 2,
		Faults: []FaultReport{{"cpu", 2, 1, 0.5}, {"net", 1, 1, 1}},
		Normal: 7, NormalKept: 3, Unclassified: 2,
	}, r.Labels)
}

func TestReportOfPathsByHand(t *testing.T) {
	paths := NewReport(traffic()).Paths
	require.Len(t, paths, 3)
	p := paths[0]
	assert.Equal(t, []string{"shop GET /home", "a1c0ffee00000001"}, []string{p.Endpoint, p.Path})
	assert.Equal(t, []int{8, 32, 3, 12}, []int{p.Traces, p.Spans, p.Kept, p.KeptSpans})
	assert.InDelta(t, 8, p.Recovered.Value, 1e-12)
	assert.InDelta(t, 2, p.Errors.Value, 1e-12)
	assert.InDelta(t, 1, p.Errors.Truth, 1e-12)
	assert.Equal(t, []float64{0.013, 0.040}, []float64{p.P50.Truth, p.P99.Truth})
	assert.Equal(t, []float64{0.010, 0.030}, []float64{p.P50.Value, p.P99.Value})
}

// What the tables of a report say adds up, whatever was sampled.
func TestReportAddsUp(t *testing.T) {
	traces, err := load(t, "../../testdata/traces/hotrod.jsonl.zst")
	require.NoError(t, err)
	plan := Schedule{Rate: 50, Seed: 4}.Plan(traces)
	res, err := Runner{Config: tailsampling.Defaults()}.Run(t.Context(), plan.Arrivals)
	require.NoError(t, err)
	r := NewReport(plan, res, nil)
	var byReason, byPath, byBucket [3]int
	var recovered float64
	for _, k := range r.Reasons {
		byReason[0] += k.Traces
		byReason[1] += k.Spans
	}
	for _, p := range r.Paths {
		byPath[0] += p.Kept
		byPath[1] += p.KeptSpans
		byPath[2] += p.Traces
		recovered += p.Recovered.Value
	}
	for _, b := range r.Histogram {
		byBucket[0] += b.Retained
		byBucket[2] += b.Observed
	}
	assert.Equal(t, [3]int{r.Kept.Traces, r.Kept.Spans}, byReason)
	assert.Equal(t, [3]int{r.Kept.Traces, r.Kept.Spans, r.Input.Traces}, byPath)
	assert.Equal(t, [3]int{r.Kept.Traces, 0, r.Input.Traces}, byBucket)
	assert.InDelta(t, r.Recovered.Traces.Value, recovered, 1e-6)
	assert.Equal(t, 455, r.Input.Traces)
	assert.Equal(t, 17209, r.Input.Spans)
	assert.Nil(t, r.Labels)
}

func TestReportText(t *testing.T) {
	r := NewReport(traffic())
	var b strings.Builder
	require.NoError(t, r.WriteText(&b, TextOptions{Paths: 2}))
	golden.Equal(t, "report.txt", b.String())
	for _, line := range strings.Split(b.String(), "\n") {
		assert.LessOrEqual(t, len([]rune(line)), 80, line)
		assert.NotContains(t, line, "\x1b", "names from spans cannot steer the terminal")
	}
}

func TestReportJSON(t *testing.T) {
	b, err := json.MarshalIndent(NewReport(traffic()), "", "  ")
	require.NoError(t, err)
	golden.Equal(t, "report.json", string(b)+"\n")
}

// A report of nothing is a report.
func TestReportOfNothing(t *testing.T) {
	for _, res := range []*Result{{}, {Outcomes: make([]Outcome, 1)}} {
		for i := range res.Outcomes {
			res.Outcomes[i].Trace = &Trace{}
		}
		r := NewReport(Plan{}, res, nil)
		_, err := json.Marshal(r)
		require.NoError(t, err)
		var b strings.Builder
		require.NoError(t, r.WriteText(&b, TextOptions{}))
		assert.Contains(t, b.String(), "Nothing was kept.")
	}
}

// A rule that drops traces leaves nothing to stand for them; they are not part of the truth that is compared.
func TestReportOfRuledOutTraces(t *testing.T) {
	plan, res, labels := traffic()
	o := &res.Outcomes[1]
	o.Decision.Probability, o.Threshold = 0, tracestate.RandomnessEnd-1
	r := NewReport(plan, res, labels)
	assert.Equal(t, 1, r.Input.RuledOut)
	assert.InDelta(t, 11, r.Recovered.Traces.Truth, 1e-12)
	assert.InDelta(t, 13, r.Recovered.Traces.Design*r.Recovered.Traces.Design, 1e-9)
	assert.InDelta(t, 7, r.Paths[0].Recovered.Truth, 1e-12)
	assert.Equal(t, 8, r.Paths[0].Traces)
}
