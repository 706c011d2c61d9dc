package simulate

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/tailsampling"
)

// FleetSweeper runs the same traces through fleets of several sizes, which share one budget.
type FleetSweeper struct {
	Config   tailsampling.Config
	Schedule Schedule // its Seed is that of the first run, the others follow
	Sizes    []int
	Seeds    int                // runs of each
	Workers  int                // that run side by side; 0: one
	Progress func(done float64) // nil, or told after each run; called from several goroutines, one at a time
}

// FleetSweep is what fleets of several sizes make of the same traces and the same budget.
type FleetSweep struct {
	Runs int `json:"runs"` // of each size
	Offered
	Sizes []FleetSize `json:"sizes"`
}

// FleetSize is one of them.
type FleetSize struct {
	Gateways int     `json:"gateways"`
	Budget   float64 `json:"budget"` // of each gateway, in the unit of the configured budget
	Measured
	// Bias is by how many standard errors of the mean the estimated number of traces is off: beyond 3 it is biased.
	Bias         float64 `json:"bias"`
	Busiest      float64 `json:"most_load"`            // spans of the busiest gateway, of the mean of all; mean of the runs
	LeastUsed    float64 `json:"least_budget_used"`    // of the gateways, mean of the runs
	MostUsed     float64 `json:"most_budget_used"`     // the same
	Fullest      float64 `json:"fullest_10s"`          // of any gateway in any run, of what its budget allows; 0 for a percentage
	FullestAll   float64 `json:"fullest_10s_together"` // the same of all gateways together
	LatencyP50   float64 `json:"latency_p50"`          // seconds from a trace's last span to its decision
	Completeness float64 `json:"completeness"`         // share of spans that were there when their trace was decided
}

// Run tries all sizes.
func (s FleetSweeper) Run(ctx context.Context, traces []*Trace) (*FleetSweep, error) {
	seeds := max(1, s.Seeds)
	slow := slowTraces(traces)
	runs := make([]measuredRun, len(s.Sizes)*seeds)
	err := parallel(ctx, len(runs), s.Workers, traces, s.Progress, func(ctx context.Context, own []*Trace, n int) (err error) {
		schedule := s.Schedule
		schedule.Seed += uint64(n % seeds)
		runs[n], err = Runner{Config: s.Config, Gateways: s.Sizes[n/seeds]}.measure(ctx, schedule.Plan(own), schedule.Labels, slow)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &FleetSweep{Runs: seeds}
	for i, gateways := range s.Sizes {
		out.add(gateways, partOf(s.Config.Budget, gateways).Value, runs[i*seeds:(i+1)*seeds])
	}
	return out, nil
}

// add sums up the runs of one size.
func (s *FleetSweep) add(gateways int, budget float64, runs []measuredRun) {
	f := FleetSize{Gateways: gateways, Budget: budget}
	s.Offered, f.Measured = measured(runs)
	counts := make([]*run, len(runs))
	n := float64(len(runs))
	for i, r := range runs {
		counts[i] = &run{report: r.report}
		most, least, used := 0.0, r.report.Fleet.Gateways[0].Used, 0.0
		for _, g := range r.report.Fleet.Gateways {
			most, least, used = max(most, g.Load), min(least, g.Used), max(used, g.Used)
			f.Fullest = max(f.Fullest, g.Fullest)
		}
		f.Busiest += most / n
		f.LeastUsed += least / n
		f.MostUsed += used / n
		f.FullestAll = max(f.FullestAll, r.report.Fleet.All.Fullest)
		f.LatencyP50 += r.report.Decisions.LatencyP50 / n
		f.Completeness += r.report.Decisions.Completeness / n
	}
	f.Bias = quantity("traces", counts, func(r *run) (Estimate, bool) { return r.report.Recovered.Traces, true }).Bias
	s.Sizes = append(s.Sizes, f)
}

// WriteText writes two tables for people, which fit 80 columns; unit follows the budgets.
func (s *FleetSweep) WriteText(w io.Writer, unit string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s traces with %s spans; %s of each number of gateways\n\n", rounded(s.Traces), rounded(s.Spans), counted(s.Runs, "run"))
	heads := []string{"gateways", "spans", "", "slow", "root", "error"}
	if s.Anomalous != nil {
		heads = append(heads, "anomaly")
	}
	kept, spread := newTable(append(heads, "SE", "bias", "decided")...),
		newTable("gateways", "budget each", "most load", "least used", "most used", "fullest 10 s", "together")
	for i := range s.Sizes {
		f := &s.Sizes[i]
		name := strconv.Itoa(f.Gateways)
		cells := []string{name, rounded(f.KeptSpans), percent(f.SpanShare), recalled(f.SlowRecall), recalled(f.RootRecall), recalled(f.ErrorRecall)}
		if s.Anomalous != nil {
			cells = append(cells, recalled(f.AnomalyRecall))
		}
		kept.row(append(cells, percent(f.StdErr), signed(f.Bias), seconds(f.LatencyP50))...)
		spread.row(name, digits3(f.Budget)+unit, percent(f.Busiest), percent(f.LeastUsed), percent(f.MostUsed), orDash(f.Fullest), orDash(f.FullestAll))
	}
	kept.write(&b)
	fmt.Fprintf(&b, "\nKept of: %s slow, %s with a failed root, %s with an error in any span", rounded(s.Slow), rounded(s.RootErrors), rounded(s.Errors))
	if s.Anomalous != nil {
		fmt.Fprintf(&b, ",\n%s labelled anomalous", rounded(*s.Anomalous))
	}
	b.WriteString(".\nSE: standard error of the estimated number of traces, of that number. Bias: in\n" +
		"standard errors of the mean; beyond 3 it is biased. Decided: after the last\nspan, median.\n\n")
	spread.write(&b)
	b.WriteString("\nMost load: spans of the busiest gateway, of the mean of all. Used: of the\n" +
		"gateways' budgets, from the first decision to the last. Fullest 10 s: of any\n" +
		"gateway, of its budget for 10 s; together: of all, of the whole budget.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
