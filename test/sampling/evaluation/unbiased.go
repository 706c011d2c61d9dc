package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/sampling/scenarios"
	"github.com/assayhq/assay/test/sampling/synthetic"
	"github.com/assayhq/assay/test/scorecard"
)

// extreme follows the largest bias and the range of the coverages of many quantities.
type extreme struct {
	quantities int
	bias       float64 // the largest, signed
	beyond     int     // quantities beyond 3
	judged     int     // with enough kept traces
	low, high  float64 // of the coverage
	wald       float64 // lowest
}

func newExtreme() extreme { return extreme{low: 1, wald: 1} }

func (e *extreme) add(q *simulate.Quantity, uneven bool) {
	if q.Exact {
		return
	}
	e.quantities++
	if math.Abs(q.Bias) > math.Abs(e.bias) {
		e.bias = q.Bias
	}
	if math.Abs(q.Bias) > 3 {
		e.beyond++
	}
	if q.Enough() && !uneven {
		e.judged++
		e.low, e.high, e.wald = min(e.low, q.Coverage), max(e.high, q.Coverage), min(e.wald, q.Wald)
	}
}

func (e *extreme) coverage() string {
	switch e.judged {
	case 0:
		return "-"
	case 1:
		return pct(e.low)
	}
	return pct(e.low) + " to " + pct(e.high)
}

func (e *extreme) lowest() string {
	if e.judged == 0 {
		return "-"
	}
	return pct(e.wald)
}

// unbiased measures that recovered totals are right in the mean.
func unbiased(ctx context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("circumstances", "kept traces", "mean 1/p", "traces, bias", "error traces, bias", "endpoints", "largest bias",
		"judged", "95 % interval holds", "value +- 1.96 SE holds, least")
	all := newExtreme()
	for _, s := range scenarios.Unbiased(o.recordings) {
		progress("bias: %s, %d seeds", s.Name, o.rekeyed)
		sum, err := s.Repeat(ctx, 1, o.rekeyed)
		if err != nil {
			return err
		}
		here := newExtreme()
		endpoints := 0
		for i := range sum.Quantities {
			q := &sum.Quantities[i]
			here.add(q, s.Uneven)
			all.add(q, s.Uneven)
			if strings.HasPrefix(q.Name, simulate.TracesAt) {
				endpoints++
			}
		}
		name := s.Name
		if s.Uneven {
			name += " (*)"
			here.judged = 0
		}
		t.Row(name, scorecard.Number(sum.KeptTraces.Mean, 0), scorecard.Number(sum.MeanInverseP.Mean, 1), bias(sum, 0), bias(sum, 2), strconv.Itoa(endpoints),
			scorecard.Number(here.bias, 1), strconv.Itoa(here.judged), here.coverage(), here.lowest())
	}
	limit := scenarios.Limit(all.quantities)
	p.Target(math.Abs(all.bias) <= limit, fmt.Sprintf("bias of %d recovered totals, %d runs each", all.quantities, o.rekeyed),
		fmt.Sprintf("within 3 standard errors (of so many, one in 400 such pages has one beyond %s)", scorecard.Number(limit, 1)),
		"largest %s; %d beyond 3, %s expected by chance", scorecard.Number(all.bias, 1), all.beyond, scorecard.Number(0.0027*float64(all.quantities), 1))
	p.Target(all.low >= 0.93 && all.high <= 0.97, fmt.Sprintf("95 %% intervals of the %d totals with 100 kept traces and more", all.judged),
		"hold 93 to 97 % of the time", "%s", all.coverage())
	p.Section("Totals are unbiased",
		fmt.Sprintf("Counts of traces, of spans, of traces with an error, of those with a failed root and of the traces of each endpoint, recovered\n"+
			"from `ot=th` in %d runs under fresh ids. Bias is in standard errors of the mean. An interval is judged where a total rests on\n"+
			"100 kept traces or more in the mean of the runs; how it is made is said [below](#intervals).", o.rekeyed),
		t.String(),
		"(*) Here keep and probability rules take more than the whole budget, or single traces cost more than it holds at a time, or\n"+
			"next to nothing is spread evenly: estimates then rest on few traces with small probabilities. Totals stay unbiased; intervals\n"+
			"hold less often with weights so uneven, and are left out above.")
	return nil
}

// bias of one of the quantities that every summary has.
func bias(s *simulate.Summary, n int) string {
	if s.Quantities[n].Exact {
		return "exact"
	}
	return scorecard.Number(s.Quantities[n].Bias, 1)
}

// converging measures how rates and quantiles approach the truth as more is kept.
func converging(ctx context.Context, o *options, p *scorecard.Part) error {
	traces, _ := synthetic.NewWorkload(func() synthetic.Options {
		options := synthetic.Small(7)
		options.Traces = 12_000
		return options
	}()).Traces()
	t := scorecard.NewTable("budget", "kept traces", "error rate", "p50", "p90", "p99", "p50 holds", "p90 holds", "p99 holds")
	var first, last *simulate.Summary
	for _, percentage := range []float64{1, 5, 20, 50} {
		progress("quantiles: %v %%", percentage)
		cfg := tailsampling.Defaults()
		scenarios.Percent(percentage)(&cfg)
		_, s, err := simulate.Repetition{
			Config: cfg, Schedule: simulate.Schedule{Rate: 400, Seed: 1}, Seeds: max(1, o.rekeyed/10), Workers: runtime.GOMAXPROCS(0),
		}.Run(ctx, traces)
		if err != nil {
			return err
		}
		cells := []string{scorecard.Number(percentage, 0) + " %", scorecard.Number(s.KeptTraces.Mean, 0)}
		for _, d := range s.Derived {
			cells = append(cells, fmt.Sprintf("%+.1f %% +- %.1f %%", 100*(d.Ratio.Mean-1), 100*d.Ratio.SD))
		}
		for _, d := range s.Derived[1:] {
			cells = append(cells, pct(d.Coverage))
		}
		t.Row(cells...)
		if first == nil {
			first = s
		}
		last = s
	}
	worst, start := 0.0, 0.0
	for i := range last.Derived {
		worst = max(worst, math.Abs(last.Derived[i].Ratio.Mean-1)+last.Derived[i].Ratio.SD)
		start = max(start, math.Abs(first.Derived[i].Ratio.Mean-1)+first.Derived[i].Ratio.SD)
	}
	p.Target(worst < 0.05 && worst < start, "p50, p90, p99 and error rate", "converge", "off by %s at 1 %%, by %s at 50 %%, bias and spread together", pct(start), pct(worst))
	p.Section("Rates and quantiles converge",
		fmt.Sprintf("12,000 traces of the synthetic system, %d runs: mean of estimate over truth less one, and its standard deviation; and how often\n"+
			"the 95 %% interval holds.", max(1, o.rekeyed/10)),
		t.String(), intervals)
	return nil
}

const intervals = `#### Intervals

The textbook interval, estimate +- 1.96 standard errors, takes the variance for known. Here it rests on the same few heavy
traces as the estimate: a sample that misses some of them is too low and too sure of it. The intervals that ` + "`assayctl simulate`" + `
prints are those of a score test: a truth that is higher by D than the estimate has D/u more heavy traces of weight u, and a
variance larger by u D, so the ends solve D^2 = 1.96^2 (variance + u D). For draws of one probability that is the score
interval of a Poisson count. Downwards u is the mean weight of what the variance comes from; upwards that of the heaviest,
with two traces of the whole sample added, for a part of the traces may have missed what the rest has shown. Intervals of
quantiles are all values for which such a test finds it plausible that they are the quantile.`
