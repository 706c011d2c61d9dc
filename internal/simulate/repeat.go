package simulate

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/assayhq/assay/internal/tailsampling"
)

// Repetition runs the same traces with many seeds: each has other ids and, where anomalous traces are thinned, others of
// them in other places.
type Repetition struct {
	Config   tailsampling.Config
	Schedule Schedule // its Seed is that of the first run, the others follow
	Seeds    int
	Workers  int                // that run side by side; 0: one
	Progress func(done float64) // nil, or told after each run; called from several goroutines, one at a time
}

// Run returns one report for each seed, in their order, and a summary. It copies the traces for every worker but one.
func (r Repetition) Run(ctx context.Context, traces []*Trace) ([]*Report, *Summary, error) {
	runs := make([]*run, max(1, r.Seeds))
	var next atomic.Int64
	var mu sync.Mutex // guards done and failed
	var done int
	var failed error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// All copies are made before the first worker starts: a run writes its trace ids into the spans it was given.
	copies := [][]*Trace{traces}
	for len(copies) < min(r.Workers, len(runs)) {
		copies = append(copies, Clone(traces))
	}
	var wg sync.WaitGroup
	for _, own := range copies {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(runs); n = int(next.Add(1)) - 1 {
				one, err := r.one(ctx, own, uint64(n))
				mu.Lock()
				runs[n] = one
				done++
				if err != nil {
					if failed == nil || !errors.Is(err, context.Canceled) {
						failed = err
					}
					cancel()
				} else if r.Progress != nil {
					r.Progress(float64(done) / float64(len(runs)))
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return nil, nil, failed
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
	res, err := Runner{Config: r.Config}.Run(ctx, plan.Arrivals)
	if err != nil {
		return nil, err
	}
	return &run{report: NewReport(plan, res, s.Labels), endpoints: recoverEndpoints(res.Outcomes[plan.Warmup:])}, nil
}
