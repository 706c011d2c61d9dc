package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/sampling/synthetic"
	"github.com/assayhq/assay/test/scorecard"
)

// sizes are the budgets at which recall is compared, in per cent of the spans.
var sizes = []float64{1, 2.5, 5, 10}

// datasets are the labelled ones that can be found, each loaded when it is called for.
func (o *options) datasets() []func() (*dataset, error) {
	all := []func() (*dataset, error){}
	add := func(name string, load func() (*dataset, error)) {
		if strings.Contains(name, o.only) {
			all = append(all, load)
		}
	}
	for _, name := range []string{"ob0822", "tt0130a", "deeptralog"} {
		add(name, func() (*dataset, error) { return loadDataset(o.shared, name) })
	}
	add("hotrod", func() (*dataset, error) { return loadDataset(o.recordings, "hotrod") })
	for _, seed := range []uint64{1, 2} {
		add(fmt.Sprintf("synthetic %d", seed), func() (*dataset, error) { return faulty(seed), nil })
	}
	for _, seed := range []uint64{3, 4} {
		add(fmt.Sprintf("gateway %d", seed), func() (*dataset, error) { return gatewayed(seed), nil })
	}
	return all
}

// gatewayed is another synthetic system with every fault, behind a gateway.
func gatewayed(seed uint64) *dataset {
	traces, labels := synthetic.NewWorkload(synthetic.Gatewayed(seed)).Traces()
	return &dataset{fmt.Sprintf("gateway %d", seed), traces, labels}
}

// schedule is how a data set is sent.
func (d *dataset) schedule() simulate.Schedule {
	return simulate.Schedule{Rate: labelledRate, Labels: d.labels, Thin: labelledThin, Warm: true, Seed: 1}
}

// measure repeats the schedule over a data set with a budget in per cent of the spans.
func (d *dataset) measure(ctx context.Context, budget float64, seeds int) (*simulate.Summary, error) {
	progress("recall: %s, %v %%, %d seeds", d.name, budget, seeds)
	cfg := tailsampling.Defaults()
	cfg.Budget = tailsampling.Budget{Unit: tailsampling.SharePercent, Value: budget}
	_, sum, err := simulate.Repetition{Config: cfg, Seeds: seeds, Workers: runtime.GOMAXPROCS(0), Schedule: d.schedule()}.Run(ctx, d.traces)
	return sum, err
}

// hindsight is the recall, mean over the seeds, of the best threshold on the duration: the longest traces, as many as fill a
// share of the spans, chosen when all are known. The last one counts in part.
func (d *dataset) hindsight(share float64, seeds int) float64 {
	var sum float64
	for n := range seeds {
		s := d.schedule()
		s.Seed += uint64(n)
		plan := s.Plan(d.traces)
		var all []*simulate.Trace
		room := 0.0
		for _, a := range plan.Arrivals[plan.Warmup:] {
			all = append(all, a.Trace)
			room += share * float64(a.Trace.Spans)
		}
		slices.SortStableFunc(all, func(a, b *simulate.Trace) int { return cmp.Compare(b.Duration, a.Duration) })
		found := 0.0
		for _, t := range all {
			if plan.Anomalous[t] {
				found += min(1, room/float64(t.Spans))
			}
			if room -= float64(t.Spans); room <= 0 {
				break
			}
		}
		sum += found / float64(len(plan.Anomalous))
	}
	return sum / float64(seeds)
}

// sizeTables hold recall by budget.
type sizeTables struct {
	all, faults *scorecard.Table
}

func newSizeTables() *sizeTables {
	all, faults := []string{"data", "kept by"}, []string{"data", "fault", "traces"}
	for _, s := range sizes {
		all, faults = append(all, fmt.Sprintf("%v %%", s)), append(faults, fmt.Sprintf("%v %%", s))
	}
	return &sizeTables{scorecard.NewTable(append(all, "spans kept at 5 %", "mean 1/p at 5 %")...), scorecard.NewTable(faults...)}
}

// add measures one data set at every size. It returns the summary at 5 %.
func (t *sizeTables) add(ctx context.Context, d *dataset, seeds int) (*simulate.Summary, error) {
	ours, longest, evenly := []string{d.name, "the sampler"}, []string{d.name, "duration, in hindsight"}, []string{d.name, "chance"}
	var at5 *simulate.Summary
	var faults [][]string
	for _, size := range sizes {
		s, err := d.measure(ctx, size, seeds)
		if err != nil {
			return nil, err
		}
		if size == labelledBudget {
			at5 = s
		}
		ours = append(ours, pct(s.Recall.Mean))
		longest = append(longest, pct(d.hindsight(size/100, seeds)))
		evenly = append(evenly, pct(size/100))
		for n, f := range s.Faults {
			if n == len(faults) {
				faults = append(faults, []string{d.name, f.Fault, strconv.Itoa(f.Traces)})
			}
			faults[n] = append(faults[n], pct(f.Recall))
		}
	}
	t.all.Row(append(ours, pct2(at5.SpanShare.Mean), scorecard.Number(at5.MeanInverseP.Mean, 1))...)
	t.all.Row(append(longest, "", "")...)
	t.all.Row(append(evenly, "", "")...)
	for _, f := range faults {
		t.faults.Row(f...)
	}
	return at5, nil
}
