package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
)

// sweepBudgets is --sweep: percentages, in order and each once.
type sweepBudgets []float64

var _ pflag.Value = (*sweepBudgets)(nil)

// sweepWorkers is how many runs of a sweep go side by side unless --workers says otherwise: each has its copy of the traces.
const sweepWorkers = 2

func addSweepFlag(f *pflag.FlagSet, b *sweepBudgets) {
	f.Var(b, "sweep", "try budgets of these `PERCENTAGES` of what comes in, in the unit of the configured one")
	usual := sweepBudgets(simulate.SweepBudgets)
	f.Lookup("sweep").NoOptDefVal = usual.String()
}

// Type implements pflag.Value.
func (*sweepBudgets) Type() string { return "PERCENTAGES" }

// String implements pflag.Value.
func (b *sweepBudgets) String() string {
	var out []string
	for _, p := range *b {
		out = append(out, strconv.FormatFloat(p, 'f', -1, 64))
	}
	return strings.Join(out, ",")
}

// Set implements pflag.Value.
func (b *sweepBudgets) Set(text string) error {
	var out []float64
	for _, part := range strings.Split(text, ",") {
		p, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(p > 0 && p <= 100) {
			return fmt.Errorf("must be percentages above 0 and at most 100, as in 0.5,2,10, got %q", part)
		}
		out = append(out, p)
	}
	slices.Sort(out)
	*b = slices.Compact(out)
	return nil
}

// runSweep samples the traces under every budget.
func (o *simulateOptions) runSweep(ctx context.Context, sampler *sampler, rec *simulate.Recording, progress func(float64)) (*simulate.Sweep, error) {
	return simulate.Sweeper{
		Config: sampler.engine, Gateways: o.gateways.one(), Schedule: o.schedule, Percentages: o.sweep, Seeds: o.seeds, Workers: o.workers, Progress: progress,
	}.Run(ctx, rec.Traces)
}

// sweepUnit follows the budgets of a sweep.
func sweepUnit(d *samplerDescription) string {
	if d.unit == tailsampling.SharePercent {
		return ""
	}
	return "/s"
}
