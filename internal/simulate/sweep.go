package simulate

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tailsampling"
)

// SweepBudgets are the percentages that are tried unless others are asked for.
var SweepBudgets = []float64{0.5, 1, 2, 5, 10, 20}

// Sweeper runs the same traces under one budget after another, with everything else as configured.
type Sweeper struct {
	Config      tailsampling.Config // of its budget only the unit counts
	Gateways    int                 // as of a Runner
	Schedule    Schedule            // its Seed is that of the first run, the others follow
	Percentages []float64           // of what comes in, in the unit of the budget
	Seeds       int                 // runs of each
	Workers     int                 // that run side by side; 0: one
	Progress    func(done float64)  // nil, or told after each run; called from several goroutines, one at a time
}

// Sweep is what was kept under each budget.
type Sweep struct {
	Runs int `json:"runs"` // of each budget
	Offered
	Budgets []SweepPoint `json:"budgets"`
}

// SweepPoint is one budget.
type SweepPoint struct {
	Percentage float64 `json:"percentage"` // of what comes in
	Budget     float64 `json:"budget"`     // the same, in the unit of the configured budget
	Measured
}

// Run tries all budgets.
func (s Sweeper) Run(ctx context.Context, traces []*Trace) (*Sweep, error) {
	seeds := max(1, s.Seeds)
	slow := slowTraces(traces)
	runs := make([]measuredRun, len(s.Percentages)*seeds)
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

func (s Sweeper) one(ctx context.Context, traces []*Trace, slow map[pcommon.TraceID]bool, percentage float64, n uint64) (measuredRun, error) {
	s.Schedule.Seed += n
	plan := s.Schedule.Plan(traces)
	budget, err := budgetOf(s.Config.Budget.Unit, percentage, plan)
	if err != nil {
		return measuredRun{}, err
	}
	s.Config.Budget.Value = budget
	return Runner{Config: s.Config, Gateways: s.Gateways}.measure(ctx, plan, s.Schedule.Labels, slow)
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
func (s *Sweep) add(percentage float64, runs []measuredRun) {
	p := SweepPoint{Percentage: percentage}
	for _, r := range runs {
		p.Budget += r.budget / float64(len(runs))
	}
	s.Offered, p.Measured = measured(runs)
	s.Budgets = append(s.Budgets, p)
}
