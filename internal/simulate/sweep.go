package simulate

import (
	"context"
	"errors"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tailsampling"
)

// SweepBudgets are the percentages that are tried unless others are asked for.
var SweepBudgets = []float64{0.5, 1, 2, 5, 10, 20}

// Sweeper runs the same traces under one budget after another, with everything else as configured.
type Sweeper struct {
	Config      tailsampling.Config // of its budget only the unit counts
	Schedule    Schedule            // its Seed is that of the first run, the others follow
	Percentages []float64           // of what comes in, in the unit of the budget
	Seeds       int                 // runs of each
	Workers     int                 // that run side by side; 0: one
	Progress    func(done float64)  // nil, or told after each run; called from several goroutines, one at a time
}

// Sweep is what was kept under each budget. Shares are 0 to 1; counts are those of one run, means where there are several.
type Sweep struct {
	Runs       int          `json:"runs"` // of each budget
	Traces     float64      `json:"traces"`
	Spans      float64      `json:"spans"`
	Slow       float64      `json:"slow_traces"` // beyond the recording's 99th percentile of their path or endpoint
	RootErrors float64      `json:"failed_roots"`
	Errors     float64      `json:"error_traces"`
	Anomalous  *float64     `json:"anomalous_traces,omitempty"` // of labels
	Budgets    []SweepPoint `json:"budgets"`
}

// SweepPoint is one budget. A recall is null where there is nothing to recall.
type SweepPoint struct {
	Percentage    float64  `json:"percentage"` // of what comes in
	Budget        float64  `json:"budget"`     // the same, in the unit of the configured budget
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

// sweepRun is what one run adds.
type sweepRun struct {
	report         *Report
	slow, slowKept int
	budget         float64
}

// Run tries all budgets.
func (s Sweeper) Run(ctx context.Context, traces []*Trace) (*Sweep, error) {
	seeds := max(1, s.Seeds)
	slow := slowTraces(traces)
	runs := make([]sweepRun, len(s.Percentages)*seeds)
	err := parallel(ctx, len(runs), s.Workers, traces, s.Progress, func(ctx context.Context, own []*Trace, n int) (err error) {
		runs[n], err = s.one(ctx, own, slow, s.Percentages[n/seeds], uint64(n%seeds))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &Sweep{Runs: seeds}
	for i, p := range s.Percentages {
		out.add(p, runs[i*seeds:(i+1)*seeds])
	}
	return out, nil
}

func (s Sweeper) one(ctx context.Context, traces []*Trace, slow map[pcommon.TraceID]bool, percentage float64, n uint64) (sweepRun, error) {
	s.Schedule.Seed += n
	plan := s.Schedule.Plan(traces)
	budget, err := budgetOf(s.Config.Budget.Unit, percentage, plan)
	if err != nil {
		return sweepRun{}, err
	}
	s.Config.Budget.Value = budget
	res, err := Runner{Config: s.Config}.Run(ctx, plan.Arrivals)
	if err != nil {
		return sweepRun{}, err
	}
	r := sweepRun{report: NewReport(plan, res, s.Schedule.Labels), budget: budget}
	for i := range res.Outcomes[plan.Warmup:] {
		if o := &res.Outcomes[plan.Warmup+i]; slow[o.Trace.ID] {
			r.slow++
			r.slowKept += one(o.Kept)
		}
	}
	return r, nil
}

// errNoRate says that a budget of a rate cannot be had.
var errNoRate = errors.New("the traces begin at the same time: there is no rate of which a budget could be a percentage; spread them with --rate")

// budgetOf is a percentage of what comes in, in a unit of the budget.
func budgetOf(unit tailsampling.Unit, percentage float64, plan Plan) (float64, error) {
	if unit == tailsampling.SharePercent {
		return percentage, nil
	}
	counted := Plan{Arrivals: plan.Arrivals[plan.Warmup:]}
	long := counted.Lasts().Seconds()
	if long <= 0 {
		return 0, errNoRate
	}
	var sum float64
	for _, a := range counted.Arrivals {
		switch unit {
		case tailsampling.TracesPerSecond:
			sum++
		case tailsampling.BytesPerSecond:
			sum += float64(a.Trace.wire())
		default:
			sum += float64(a.Trace.Spans)
		}
	}
	return sum / long * percentage / 100, nil
}

// wire is the bytes of a trace's spans, as a budget of bytes counts them.
func (t *Trace) wire() int {
	var m ptrace.ProtoMarshaler
	n := 0
	for _, p := range t.Pieces {
		for _, s := range spansOf(p.Spans) {
			n += m.SpanSize(s)
		}
	}
	return n
}

// add sums up the runs of one budget.
func (s *Sweep) add(percentage float64, runs []sweepRun) {
	var in InputReport
	var kept KeptReport
	var labels LabelReport
	var slow, slowKept int
	var truth, variance, budget float64
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
		budget += r.budget
	}
	n := float64(len(runs))
	mean := func(sum int) float64 { return float64(sum) / n }
	s.Traces, s.Spans, s.Slow = mean(in.Traces), mean(in.Spans), mean(slow)
	s.RootErrors, s.Errors = mean(in.RootErrors), mean(in.Errors)
	p := SweepPoint{
		Percentage: percentage, Budget: budget / n, KeptTraces: mean(kept.Traces), KeptSpans: mean(kept.Spans),
		TraceShare: share(kept.Traces, in.Traces), SpanShare: share(kept.Spans, in.Spans),
		SlowRecall: recall(slowKept, slow), RootRecall: recall(kept.RootErrors, in.RootErrors), ErrorRecall: recall(kept.Errors, in.Errors),
		Variance: variance / n,
	}
	if truth > 0 {
		p.StdErr = math.Sqrt(p.Variance) / (truth / n)
	}
	if runs[0].report.Labels != nil {
		anomalous := mean(labels.Anomalous)
		s.Anomalous, p.AnomalyRecall = &anomalous, recall(labels.Kept, labels.Anomalous)
	}
	s.Budgets = append(s.Budgets, p)
}

// recall is nil of nothing.
func recall(kept, all int) *float64 {
	if all == 0 {
		return nil
	}
	r := share(kept, all)
	return &r
}
