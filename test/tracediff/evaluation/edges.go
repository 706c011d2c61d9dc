package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// edges measures how often calls are noticed that are new, gone, or made by another operation.
func edges(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("change", "seen", "without history", fmt.Sprintf("with %d windows", learnt))
	worst := of{}
	past := &histories{}
	for _, seen := range []int{5, 10, 20, 50} {
		if o.quick && seen != 20 {
			continue
		}
		for _, kind := range []string{"added", "removed", "re-parented"} {
			progress("edges: %s, seen %d times", kind, seen)
			without, with := edgesSeen(o, past, kind, seen)
			t.Row("edge "+kind, fmt.Sprintf("%d to %d times", seen, seen+seen/4), without.interval(), with.interval())
			for _, r := range []of{without, with} {
				if seen >= 20 && (worst.all == 0 || r.share() < worst.share()) {
					worst = r
				}
			}
		}
	}
	p.Target(worst.share() >= 0.99, "recall of edges seen 20 times", "at least 99 %", "%s at worst", worst.interval())
	p.Section("Recall of edges",
		"Calls that one of two windows has, in 20 time slices of some 5,000 requests, by how many traces had one. A re-parented edge counts\n"+
			"where both the edge that is gone and the one that is new are flagged.", t.String())
	return nil
}

// edgesSeen measures edges that are seen about so many times.
func edgesSeen(o *options, past *histories, kind string, seen int) (without, with of) {
	var mu sync.Mutex
	parallel(systems, func(n int) {
		w := newWorld(n, 5000)
		history := past.of(w)
		to := w.number % 4 // one of the last layer
		callers := w.system.Callers(to)
		if len(callers) < 2 {
			return
		}
		calls := w.system.Calls()
		call := func(from int) []simulation.Change {
			chance := float64(seen) * 1.12 / (w.requests * calls[from])
			return []simulation.Change{simulation.Added(from, to, chance)}
		}
		for i := range o.repeats {
			seed := 1<<25 + 2*i
			var before, after []simulation.Change
			switch kind {
			case "added":
				after = call(callers[0])
			case "removed":
				before = call(callers[0])
			default:
				before, after = call(callers[0]), call(callers[1])
			}
			a, b := w.snapshot(w.play(seed, before...), 0), w.snapshot(w.play(seed+1, after...), 1)
			plain := compare.Compare(a, b, nil, compare.DefaultThresholds())
			known := compare.Compare(a, b, history, compare.DefaultThresholds())
			hit, knew, fits := true, true, true
			for k, part := range [][]simulation.Change{before, after} {
				if part == nil {
					continue
				}
				want := [...]compare.Verdict{compare.Missing, compare.New}[k]
				id := w.system.Edge(part[0].Operation, to)
				fits = fits && inRange(plain, id, k, seen)
				v, _ := verdictOn(plain, id, compare.Presence)
				u, _ := verdictOn(known, id, compare.Presence)
				hit, knew = hit && v == want, knew && u == want
			}
			if !fits {
				continue
			}
			mu.Lock()
			without.add(hit)
			with.add(knew)
			mu.Unlock()
		}
	})
	return without, with
}

// inRange tells whether an edge was seen by so many traces on the side that has it, up to a quarter more.
func inRange(d *compare.Diff, id snapshot.Identity, onB, seen int) bool {
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Identity == id && c.Measure == compare.Presence {
			n := [...]uint64{c.A.Traces, c.B.Traces}[onB]
			return n >= uint64(seen) && n <= uint64(seen+seen/4)
		}
	}
	return false
}
