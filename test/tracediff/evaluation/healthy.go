package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/scorecard"
)

// healthy measures windows of recordings that follow each other where no fault is.
func healthy(_ context.Context, o *options, p *scorecard.Part) error {
	sets, err := o.datasets()
	if err != nil || len(sets) == 0 {
		return err
	}
	t := scorecard.NewTable("recording", "window", "pairs", "traces a window", "pairs with a flag", "across a fault")
	all := of{}
	for _, d := range sets {
		for _, length := range []time.Duration{time.Minute, 2 * time.Minute} {
			progress("healthy windows of %s: %v", d.name, length)
			near, across, traces, err := d.consecutive(length) //nolint:contextcheck // aggregating takes no context: it cannot wait
			if err != nil {
				return err
			}
			all.join(near)
			t.Row(d.name, short(length), strconv.Itoa(near.all), scorecard.Number(traces, 0), near.interval(), fmt.Sprintf("%d of %d", across.hits, across.all))
		}
	}
	p.Target(all.share() <= 0.05, "healthy windows of recordings that follow each other: pairs with any flag", "at most 5 %", "%s of %d", all.interval(), all.all)
	p.Section("Healthy windows of recordings",
		"Disjoint windows in recorded traffic away from its faults, each against the one before, traces that are labelled normal, without history.\n"+
			"Where a fault lies between the two, what is flagged may be there, and has no target.", t.String())
	return nil
}

// consecutive compares each healthy window with the one before it: near by, or across a fault. traces is their mean number in one.
func (d *dataset) consecutive(length time.Duration) (near, across of, traces float64, err error) {
	var last *snapshot.Snapshot
	windows := 0
	for _, p := range d.healthy() {
		for _, w := range p.pieces(length) {
			inside := w.within(d.quiet)
			if len(inside) == 0 {
				continue // a pause of the recording
			}
			b, err := aggregated(inside, w.from, length)
			if err != nil {
				return near, across, traces, err
			}
			if last != nil {
				to := &near
				if !last.End.Equal(w.from) {
					to = &across
				}
				to.add(flagged(compare.Compare(last, b, nil, compare.DefaultThresholds())) > 0)
			}
			windows++
			traces += (float64(len(inside)) - traces) / float64(windows)
			last = b
		}
	}
	return near, across, traces, nil
}
