package main

import (
	"context"
	"strconv"
	"time"

	"github.com/assayhq/assay/internal/scorecard"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// healthy measures windows of recordings that follow each other where no fault is.
func healthy(_ context.Context, o *options, p *scorecard.Part) error {
	sets, err := o.datasets()
	if err != nil || len(sets) == 0 {
		return err
	}
	t := scorecard.NewTable("recording", "window", "pairs", "traces a window", "pairs with a flag")
	all := of{}
	for _, d := range sets {
		for _, length := range []time.Duration{time.Minute, 2 * time.Minute} {
			progress("healthy windows of %s: %v", d.name, length)
			flags, traces, err := d.consecutive(length) //nolint:contextcheck // aggregating takes no context: it cannot wait
			if err != nil {
				return err
			}
			all.join(flags)
			t.Row(d.name, short(length), strconv.Itoa(flags.all), strconv.Itoa(traces/(flags.all+1)), flags.interval())
		}
	}
	p.Target(all.share() <= 0.05, "healthy windows of recordings that follow each other: pairs with any flag", "at most 5 %", "%s of %d", all.interval(), all.all)
	p.Section("Healthy windows of recordings",
		"Disjoint windows in recorded traffic, away from its faults, each against the one before (which may lie before a fault); traces that are labelled normal, without history.", t.String())
	return nil
}

// consecutive compares each healthy window with the one before it, which may lie on the other side of a fault.
func (d *dataset) consecutive(length time.Duration) (flags of, traces int, err error) {
	var last *snapshot.Snapshot
	for _, p := range d.healthy() {
		for _, w := range p.pieces(length) {
			inside := w.within(d.quiet)
			if len(inside) == 0 {
				continue // a pause of the recording
			}
			b, err := aggregated(inside, w.from, length)
			if err != nil {
				return flags, traces, err
			}
			if last != nil {
				flags.add(flagged(compare.Compare(last, b, nil, compare.DefaultThresholds())) > 0)
			}
			traces += len(inside)
			last = b
		}
	}
	return flags, traces, nil
}
