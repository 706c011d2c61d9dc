package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// sizes are requests of the changed operation in a window.
var sizes = []int{250, 500, 1000, 2500, 5000, 10_000}

// enoughRequests is from where on recall has a target.
const enoughRequests = 2500

// injection is a change of which recall is measured.
type injection struct {
	name    string
	measure compare.Measure
	verdict compare.Verdict
	before  func(op int) []simulation.Change
	after   func(op int) []simulation.Change
	least   float64 // recall from enoughRequests on; 0: no target
	stormy  bool
}

func nothing(int) []simulation.Change { return nil }

func slower(factor float64) func(int) []simulation.Change {
	return func(op int) []simulation.Change { return []simulation.Change{simulation.Latency(op, factor)} }
}

func failing(share float64) func(int) []simulation.Change {
	return func(op int) []simulation.Change { return []simulation.Change{simulation.Failures(op, share)} }
}

var injections = []injection{
	{"latency x1.2", compare.Latency, compare.Slower, nothing, slower(1.2), 0, false},
	{"latency x1.5", compare.Latency, compare.Slower, nothing, slower(1.5), 0.9, false},
	{"latency x2", compare.Latency, compare.Slower, nothing, slower(2), 0, false},
	{"errors 0.5 to 2 %", compare.Errors, compare.MoreErrors, failing(0.005), failing(0.02), 0.9, false},
	{"errors 0 to 0.2 %", compare.Errors, compare.MoreErrors, failing(0), failing(0.002), 0, false},
	{"latency x1.5, stormy", compare.Latency, compare.Slower, nothing, slower(1.5), 0, true},
	{"errors 0.5 to 2 %, stormy", compare.Errors, compare.MoreErrors, failing(0.005), failing(0.02), 0, true},
}

// tested is what was seen of one injection at one size.
type tested struct {
	without, with of
	unknown       of // "not enough data" where it was missed
	others        []of
}

// recall measures how often a change is flagged on the operation in which it was made.
func recall(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("change", "calls a window", "without history", fmt.Sprintf("with %d windows", learnt), "of those missed: not enough data",
		rules[0].name, rules[1].name, rules[2].name)
	past := &histories{}
	for _, in := range injections {
		worst := of{}
		for _, size := range sizes {
			if o.quick && size != enoughRequests {
				continue
			}
			progress("recall: %s, %d calls", in.name, size)
			got := in.measured(o, past, size)
			cells := []string{in.name, strconv.Itoa(size), got.without.interval(), got.with.interval(), got.unknown.String()}
			for i := range rules {
				if in.measure == compare.Latency {
					cells = append(cells, got.others[i].String())
				} else {
					cells = append(cells, "-")
				}
			}
			t.Row(cells...)
			if size >= enoughRequests {
				for _, r := range []of{got.without, got.with} {
					if worst.all == 0 || r.share() < worst.share() {
						worst = r
					}
				}
			}
		}
		if in.least > 0 {
			p.Target(worst.share() >= in.least, fmt.Sprintf("recall of %s from %d calls a window", in.name, enoughRequests),
				fmt.Sprintf("at least %s %%", scorecard.Number(100*in.least, 0)), "%s at worst, with and without history", worst.interval())
		}
	}
	p.Section("Recall of changes to an operation",
		fmt.Sprintf("Flagged on the operation itself, in the right direction; %d systems, another operation in each. The simpler rules flag the same\n"+
			"operation, but see above what else they flag. In stormy weather errors come in bursts, which doubles the variance of their number,\n"+
			"and services have worse minutes.", systems), t.String())
	return nil
}

// measured runs an injection at one size.
func (in *injection) measured(o *options, past *histories, size int) *tested {
	got := &tested{others: make([]of, len(rules))}
	var mu sync.Mutex
	parallel(systems, func(n int) {
		w := newWorld(n, 1)
		w.stormy = in.stormy
		op, calls := w.target()
		w.requests = float64(size) / calls
		history := past.of(w)
		for i := range o.repeats {
			seed := 1<<24 + 2*i
			a, b := w.play(seed, in.before(op)...), w.play(seed+1, in.after(op)...)
			x, y := w.snapshot(a, 0), w.snapshot(b, 1)
			v, hit := verdictOn(compare.Compare(x, y, nil, compare.DefaultThresholds()), w.operation(op), in.measure)
			u, knew := verdictOn(compare.Compare(x, y, history, compare.DefaultThresholds()), w.operation(op), in.measure)
			before, after := observe(w.system, a), observe(w.system, b)
			mu.Lock()
			got.without.add(hit && v == in.verdict)
			got.with.add(knew && u == in.verdict)
			if !hit {
				got.unknown.add(v == compare.NotEnoughData)
			}
			for k := range rules {
				got.others[k].add(rules[k].flag(before, after)[op])
			}
			mu.Unlock()
		}
	})
	return got
}
