package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"time"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/sampling/scenarios"
	"github.com/assayhq/assay/test/sampling/synthetic"
	"github.com/assayhq/assay/test/scorecard"
)

// steady are the traces that flow evenly.
func steady(o *options) map[string]func() ([]*simulate.Trace, error) {
	return map[string]func() ([]*simulate.Trace, error){
		"hotrod": scenarios.Recorded(o.recordings, "hotrod"), "mixed": scenarios.Recorded(o.recordings, "mixed"),
		"synthetic": scenarios.Made(func(o *synthetic.Options) { o.Traces = 3000 }),
	}
}

// steadyNames is their order.
var steadyNames = [...]string{"hotrod", "mixed", "synthetic"}

// budgets measures how well budgets are held.
func budgets(ctx context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("traffic", "budget, spans a second", "most in any 10 s", "of the budget", "largest trace", "used")
	worst, large, least := 0.0, 0.0, math.Inf(1)
	held := true
	for _, storm := range scenarios.Storms(o.recordings) {
		for _, perSecond := range []float64{200, 2000} {
			progress("budget: %s, %v spans a second", storm.Name, perSecond)
			s, _, err := storm.Spend(ctx, perSecond, nil)
			if err != nil {
				return err
			}
			t.Row(storm.Name, scorecard.Number(perSecond, 0), strconv.Itoa(s.Window), pct(s.Over()), strconv.Itoa(s.Largest), pct(s.Used))
			held = held && float64(s.Window) <= s.Allowed()
			if s.Large() {
				large = max(large, s.Over())
			} else {
				worst = max(worst, s.Over())
			}
			least = min(least, s.Used)
		}
	}
	p.Target(held, "spans kept in any 10 s, of a budget of spans a second", "at most 102 %, traces larger than an interval's budget apart",
		"at most %s; where every other trace is larger than an interval's budget, %s", pct(worst), pct(large))
	p.Target(least >= 0.9, "the same budget, used from the first decision to the last", "at least 90 %", "at least %s", pct(least))

	share := scorecard.NewTable("traffic", "1 %", "5 %", "20 %", "50 %")
	off := 0.0
	for _, name := range steadyNames {
		traces, err := steady(o)[name]()
		if err != nil {
			return err
		}
		cells := []string{name}
		for _, percentage := range []float64{1, 5, 20, 50} {
			progress("budget: %s, %v %%", name, percentage)
			got, err := scenarios.Share(ctx, traces, percentage)
			if err != nil {
				return err
			}
			cells = append(cells, scorecard.Number(got, 2)+" %")
			off = max(off, math.Abs(got/percentage-1))
		}
		share.Row(cells...)
	}
	p.Target(off <= 0.1, "a percentage over a minute of steady traffic", "within 10 % of itself", "within %s", pct(off))
	p.Section("Budgets hold",
		"Two and a half times the budget flows for a minute; in a burst ten times that from half a minute on, for a quarter of one. Late\n"+
			"spans and keep rules are counted apart; traces larger than what 100 ms earn could be, but are in the figures: the last trace of\n"+
			"a window may overdraw, which the next ones pay. Used is what was kept from the first decision to the last: before that, kinds of\n"+
			"traces that have not been seen are waited for.",
		t.String(), "A percentage of the spans, over the last minute of 90 s of steady traffic:", share.String())
	return sparse(ctx, o, p)
}

// sparse measures a percentage where traces come so seldom that a single one costs more than the budget holds at a time.
func sparse(ctx context.Context, o *options, p *scorecard.Part) error {
	traces, err := scenarios.Made(nil)()
	if err != nil {
		return err
	}
	t := scorecard.NewTable("traces a second", "kept spans", "kept traces", "mean 1/p", "95 % interval of traces holds")
	for _, rate := range []float64{0.05, 0.2, 1, 5, 20, 100} {
		progress("sparse: %v traces a second", rate)
		cfg := tailsampling.Defaults()
		_, s, err := simulate.Repetition{
			Config: cfg, Schedule: simulate.Schedule{Rate: rate, Seed: 1}, Seeds: max(1, o.rekeyed/20), Workers: runtime.GOMAXPROCS(0),
		}.Run(ctx, traces)
		if err != nil {
			return err
		}
		t.Row(strconv.FormatFloat(rate, 'g', -1, 64), pct(s.SpanShare.Mean), scorecard.Number(s.KeptTraces.Mean, 0), scorecard.Number(s.MeanInverseP.Mean, 1), pct(s.Quantities[0].Coverage))
	}
	p.Section("Sparse traffic", fmt.Sprintf("The default budget, 10 %% of the spans, over 1,500 traces of 11 spans in the mean, %d runs:", max(1, o.rekeyed/20)), t.String())
	return nil
}

// latencies measures how soon is decided once paths are known.
func latencies(ctx context.Context, o *options, p *scorecard.Part) error {
	const long, known = 4 * time.Minute, 3 * time.Minute
	t := scorecard.NewTable("traffic", "median", "99 %", "spans there")
	slowest, completest := 0.0, 1.0
	for _, name := range steadyNames {
		progress("latency: %s", name)
		traces, err := steady(o)[name]()
		if err != nil {
			return err
		}
		res, err := simulate.Runner{Config: tailsampling.Defaults()}.Run(ctx, scenarios.Flow(traces, 2000, long, 1))
		if err != nil {
			return err
		}
		plan := simulate.Plan{}
		for i := range res.Outcomes {
			if res.Outcomes[i].Arrival.At < known {
				plan.Warmup++
			}
		}
		d := simulate.NewReport(plan, res, nil).Decisions
		t.Row(name, scorecard.Number(1000*d.LatencyP50, 0)+" ms", scorecard.Number(1000*d.LatencyP99, 0)+" ms", pct2(d.Completeness))
		slowest, completest = max(slowest, d.LatencyP50), min(completest, d.Completeness)
	}
	p.Target(slowest <= 0.5, "median decision after the last span, paths known for three minutes", "at most 500 ms", "%s ms", scorecard.Number(1000*slowest, 0))
	p.Target(completest >= 0.999, "spans there when their trace is decided", "99.9 %", "%s", pct2(completest))
	p.Section("Decisions are soon", "From a trace's last span to its decision, in the fourth minute of steady traffic of 2,000 spans a second:", t.String())
	return nil
}
