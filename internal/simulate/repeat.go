package simulate

import (
	"context"

	"github.com/assayhq/assay/internal/tailsampling"
)

// Repetition runs the same traces with many seeds: each has other ids and, where anomalous traces are thinned, others of
// them in other places.
type Repetition struct {
	Config   tailsampling.Config
	Gateways int      // as of a Runner
	Schedule Schedule // its Seed is that of the first run, the others follow
	Seeds    int
	Workers  int                // that run side by side; 0: one
	Progress func(done float64) // nil, or told after each run; called from several goroutines, one at a time
}

// Run returns one report for each seed, in their order, and a summary. It copies the traces for every worker but one.
func (r Repetition) Run(ctx context.Context, traces []*Trace) ([]*Report, *Summary, error) {
	runs := make([]*run, max(1, r.Seeds))
	err := parallel(ctx, len(runs), r.Workers, traces, r.Progress, func(ctx context.Context, own []*Trace, n int) (err error) {
		runs[n], err = r.one(ctx, own, uint64(n))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	reports := make([]*Report, len(runs))
	for n, one := range runs {
		reports[n] = one.report
	}
	return reports, summarize(runs), nil
}

// run is what a summary needs of one seed.
type run struct {
	report    *Report
	endpoints map[string]Estimate // traces of each endpoint
}

func (r Repetition) one(ctx context.Context, traces []*Trace, n uint64) (*run, error) {
	s := r.Schedule
	s.Seed += n
	plan := s.Plan(traces)
	res, err := Runner{Config: r.Config, Gateways: r.Gateways}.Run(ctx, plan.Arrivals)
	if err != nil {
		return nil, err
	}
	return &run{report: NewReport(plan, res, s.Labels), endpoints: recoverEndpoints(res.Outcomes[plan.Warmup:])}, nil
}
