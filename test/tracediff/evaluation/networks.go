package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/scorecard"
)

// networks measures pairs without a change in systems with client spans and gateways, where waiting is compared as well.
func networks(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("client spans", "pairs with a flag, without history", fmt.Sprintf("with %d windows of history", learnt))
	worst := of{}
	for _, in := range []shape{shapes[0], shapes[1], shapes[3]} {
		if o.quick && in != shapes[1] {
			continue
		}
		progress("pairs without a change: %v", in)
		without, with := in.quiet(o.pairs, 0)
		t.Row(in.String(), without.interval(), with.interval())
		for _, r := range []of{without, with} {
			if r.hits >= worst.hits {
				worst = r
			}
		}
	}
	limit := most(o.pairs)
	p.Target(worst.hits <= limit, fmt.Sprintf("pairs with any flag, of %d without a change, with client spans and gateways", o.pairs), fmt.Sprintf("at most %d", limit), "%d at worst", worst.hits)
	p.Section("Pairs without a change, with client spans",
		fmt.Sprintf("As above, %d pairs each: every call to another service has a client span and waits for a millisecond in the median.", o.pairs), t.String())
	return nil
}

// quiet compares so many pairs between which nothing changed.
func (s shape) quiet(pairs int, sampled float64) (without, with of) {
	histories := make([]*compare.History, systems)
	worlds := make([]world, systems)
	parallel(systems, func(n int) {
		worlds[n] = world{number: n + firstSystem, system: s.system(n), requests: quietRequests, sampled: sampled}
		histories[n] = worlds[n].learn()
	})
	var mu sync.Mutex
	parallel(pairs, func(n int) {
		w := worlds[n%systems]
		a, b := w.snapshot(w.play(2*n), 2*n), w.snapshot(w.play(2*n+1), 2*n+1)
		plain := flagged(compare.Compare(a, b, nil, compare.DefaultThresholds())) > 0
		known := flagged(compare.Compare(a, b, histories[n%systems], compare.DefaultThresholds())) > 0
		mu.Lock()
		defer mu.Unlock()
		without.add(plain)
		with.add(known)
	})
	return without, with
}

// tenth repeats what matters most with one trace in ten.
func tenth(_ context.Context, o *options, p *scorecard.Part) error {
	const probability = 0.1
	progress("10 %% sampling")
	without, with := shapes[0].quiet(o.pairs, probability)
	limit := most(o.pairs)
	p.Target(max(without.hits, with.hits) <= limit, fmt.Sprintf("sampled at 10 %%: pairs with any flag, of %d without a change", o.pairs), fmt.Sprintf("at most %d", limit),
		"%d without history, %d with it", without.hits, with.hits)
	t := scorecard.NewTable("window", "calls a window", "kept", "flagged within 3 windows", "alert within 12", "onset to alert, median", "95th percentile")
	all := onset{}
	for _, length := range lengths {
		for _, size := range []float64{1000, 5000} {
			got := kinds[twice].onsets(o.onsets, length, size, probability) //nolint:contextcheck // windows in memory are read at once
			t.Row(short(length), scorecard.Number(size, 0), scorecard.Number(size*probability, 0), got.flagged.interval(), got.alerted.interval(), got.quantile(0.5), got.quantile(0.95))
			all.add(got)
		}
	}
	p.Target(all.flagged.share() >= 0.95, "sampled at 10 %: onsets of latency x2, flagged within three windows", "at least 95 %", "%s", all.flagged.interval())
	c := scorecard.NewTable("client spans", "flagged", "cause in the first line", "in the first three", "lines, median")
	reports := &reported{}
	for _, in := range shapes {
		one := &reported{}
		for i := range causes {
			one.add(causes[i].measured(o.causes, in, probability)) //nolint:contextcheck // windows in memory are read at once
		}
		c.Row(in.String(), one.flagged.String(), one.first.interval(), one.three.interval(), middle(one.lines))
		reports.add(one)
	}
	reports.targets(p, "sampled at 10 %, simulated faults")
	p.Section("With one trace in ten",
		"Consistent sampling keeps each trace with a probability of 10 %: onsets of latency x2, then the causes of all faults above.", t.String(), c.String())
	return nil
}

// twice is the kind of change that is repeated with samples.
const twice = 1
