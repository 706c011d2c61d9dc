package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/scorecard"
)

// quietRequests is the size of windows without a change.
const quietRequests = 5000

// quiet measures how often pairs of windows are flagged between which nothing changed.
func quiet(_ context.Context, o *options, p *scorecard.Part) error {
	progress("quiet: %d pairs", o.pairs)
	histories := make([]*compare.History, systems)
	parallel(systems, func(n int) { histories[n] = newWorld(n, quietRequests).learn() })
	var mu sync.Mutex
	var without, with, stormy of
	others := make([]of, len(rules))
	changes, flags := 0, 0
	parallel(o.pairs, func(n int) {
		w := newWorld(n%systems, quietRequests)
		a, b := w.play(2*n), w.play(2*n+1)
		x, y := w.snapshot(a, 0), w.snapshot(b, 1)
		plain := compare.Compare(x, y, nil, compare.DefaultThresholds())
		known := compare.Compare(x, y, histories[n%systems], compare.DefaultThresholds())
		before, after := observe(w.system, a), observe(w.system, b)
		w.stormy = true
		storm := compare.Compare(w.snapshot(w.play(2*n), 0), w.snapshot(w.play(2*n+1), 1), nil, compare.DefaultThresholds())
		mu.Lock()
		defer mu.Unlock()
		without.add(flagged(plain) > 0)
		with.add(flagged(known) > 0)
		stormy.add(flagged(storm) > 0)
		changes += len(plain.Changes)
		flags += flagged(plain)
		for i := range rules {
			others[i].add(slices.Contains(rules[i].flag(before, after), true))
		}
	})
	limit := most(o.pairs)
	p.Target(max(without.hits, with.hits) <= limit, fmt.Sprintf("pairs with any flag, of %d without a change", o.pairs), fmt.Sprintf("at most %d", limit),
		"%d without history, %d with %d windows of it", without.hits, with.hits, learnt)
	t := scorecard.NewTable("rule", "pairs with a flag")
	t.Row("trace_diff without history", without.interval())
	t.Row(fmt.Sprintf("trace_diff with %d windows of history", learnt), with.interval())
	t.Row("trace_diff without history, stormy weather", stormy.interval())
	for i := range rules {
		t.Row(rules[i].name+", latency of operations only", others[i].interval())
	}
	p.Section("Pairs of windows between which nothing changed",
		fmt.Sprintf("%d pairs of ten minutes with some %d requests, %d systems of 12 services, about %d verdicts a pair (%d of all were flagged),\n"+
			"with the clustering of [test/tracediff/simulation](../test/tracediff/simulation): common speed within a trace, slow half\n"+
			"minutes of services, drifting error shares, sessions of rare requests, and windows that differ. Stormy weather has more of all of it.",
			o.pairs, quietRequests, systems, changes/max(1, o.pairs), flags), t.String())
	return nil
}

// most is how many of so many pairs without a change may be flagged: 16 of 500.
func most(pairs int) int { return (16*pairs + 499) / 500 }

func flagged(d *compare.Diff) int {
	n := 0
	for i := range d.Changes {
		if d.Changes[i].Flagged {
			n++
		}
	}
	return n
}
