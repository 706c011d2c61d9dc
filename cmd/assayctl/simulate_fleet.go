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

// fleetSizes is --gateways: numbers of gateways, in order and each once.
type fleetSizes []int

var _ pflag.Value = (*fleetSizes)(nil)

// mostGateways is far beyond any fleet, and a ring of so many is still made at once.
const mostGateways = 500

// Type implements pflag.Value.
func (*fleetSizes) Type() string { return "N" }

// String implements pflag.Value.
func (f *fleetSizes) String() string {
	var out []string
	for _, n := range *f {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ",")
}

// Set implements pflag.Value.
func (f *fleetSizes) Set(text string) error {
	var out []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > mostGateways {
			return fmt.Errorf("must be numbers of gateways from 1 to %d, as in 4 or 1,2,4,8, got %q", mostGateways, part)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	*f = slices.Compact(out)
	return nil
}

// one is the size of the one fleet that is simulated; 0 for a sampler on its own, and where several are compared.
func (f fleetSizes) one() int {
	if len(f) != 1 {
		return 0
	}
	return f[0]
}

// runFleet compares the sizes.
func (o *simulateOptions) runFleet(ctx context.Context, sampler *sampler, rec *simulate.Recording, progress func(float64)) (*simulate.FleetSweep, error) {
	return simulate.FleetSweeper{
		Config: sampler.engine, Schedule: o.schedule, Sizes: o.gateways, Seeds: o.seeds, Workers: o.workers, Progress: progress,
	}.Run(ctx, rec.Traces)
}

// each is the budget of one of n gateways.
func (d *samplerDescription) each(n int) string {
	for _, value := range d.Budget {
		if d.unit != tailsampling.SharePercent {
			value /= float64(n)
		}
		return strconv.FormatFloat(value, 'f', -1, 64) + " " + d.unitText
	}
	return ""
}
