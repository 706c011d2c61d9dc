package simulate

import (
	"context"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Offered is what came in. Counts are those of one run, means where there are several.
type Offered struct {
	Traces     float64  `json:"traces"`
	Spans      float64  `json:"spans"`
	Slow       float64  `json:"slow_traces"` // beyond the recording's 99th percentile of their path or endpoint
	RootErrors float64  `json:"failed_roots"`
	Errors     float64  `json:"error_traces"`
	Anomalous  *float64 `json:"anomalous_traces,omitempty"` // of labels
}

// Measured is what was kept of it by one setting of several that are compared. Shares are 0 to 1; counts are those of one run,
// means where there are several. A recall is null where there is nothing to recall.
type Measured struct {
	KeptTraces    float64  `json:"kept_traces"`
	KeptSpans     float64  `json:"kept_spans"`
	TraceShare    float64  `json:"trace_share"`
	SpanShare     float64  `json:"span_share"`
	SlowRecall    *float64 `json:"slow_recall"`
	RootRecall    *float64 `json:"failed_root_recall"`
	ErrorRecall   *float64 `json:"error_recall"`
	AnomalyRecall *float64 `json:"anomaly_recall,omitempty"` // of labels
	// Variance is that of the estimated number of traces. It follows from the probabilities of all of them, kept or not, so it
	// does not depend on the luck of a run as the error of an estimate does.
	Variance float64 `json:"variance"`
	StdErr   float64 `json:"relative_std_err"` // its root, of the number of traces
}

// measuredRun is what one run adds.
type measuredRun struct {
	report         *Report
	slow, slowKept int
	budget         float64
}

// measure runs a plan; slow tells by recorded ids which traces are.
func (r Runner) measure(ctx context.Context, plan Plan, labels *Labels, slow map[pcommon.TraceID]bool) (measuredRun, error) {
	res, err := r.Run(ctx, plan.Arrivals)
	if err != nil {
		return measuredRun{}, err
	}
	m := measuredRun{report: NewReport(plan, res, labels), budget: r.Config.Budget.Value}
	for i := range res.Outcomes[plan.Warmup:] {
		if o := &res.Outcomes[plan.Warmup+i]; slow[o.Trace.ID] {
			m.slow++
			m.slowKept += one(o.Kept)
		}
	}
	return m, nil
}

// measured sums up the runs of one setting.
func measured(runs []measuredRun) (Offered, Measured) {
	var in InputReport
	var kept KeptReport
	var labels LabelReport
	var slow, slowKept int
	var truth, variance float64
	for _, r := range runs {
		in.Traces += r.report.Input.Traces
		in.Spans += r.report.Input.Spans
		in.Errors += r.report.Input.Errors
		in.RootErrors += r.report.Input.RootErrors
		kept.Traces += r.report.Kept.Traces
		kept.Spans += r.report.Kept.Spans
		kept.Errors += r.report.Kept.Errors
		kept.RootErrors += r.report.Kept.RootErrors
		if l := r.report.Labels; l != nil {
			labels.Anomalous += l.Anomalous
			labels.Kept += l.Kept
		}
		slow += r.slow
		slowKept += r.slowKept
		e := r.report.Recovered.Traces
		truth += e.Truth
		variance += e.Design * e.Design
	}
	n := float64(len(runs))
	mean := func(sum int) float64 { return float64(sum) / n }
	o := Offered{
		Traces: mean(in.Traces), Spans: mean(in.Spans), Slow: mean(slow), RootErrors: mean(in.RootErrors), Errors: mean(in.Errors),
	}
	m := Measured{
		KeptTraces: mean(kept.Traces), KeptSpans: mean(kept.Spans),
		TraceShare: share(kept.Traces, in.Traces), SpanShare: share(kept.Spans, in.Spans),
		SlowRecall: recall(slowKept, slow), RootRecall: recall(kept.RootErrors, in.RootErrors), ErrorRecall: recall(kept.Errors, in.Errors),
		Variance: variance / n,
	}
	if truth > 0 {
		m.StdErr = math.Sqrt(m.Variance) / (truth / n)
	}
	if runs[0].report.Labels != nil {
		anomalous := mean(labels.Anomalous)
		o.Anomalous, m.AnomalyRecall = &anomalous, recall(labels.Kept, labels.Anomalous)
	}
	return o, m
}

// recall is nil of nothing.
func recall(kept, all int) *float64 {
	if all == 0 {
		return nil
	}
	r := share(kept, all)
	return &r
}
