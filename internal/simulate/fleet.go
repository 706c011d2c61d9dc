package simulate

import (
	"context"

	"github.com/assayhq/assay/internal/tailsampling"
)

// runFleet gives every gateway its traces and its part of the budget, and puts together what they make of them. Gateways know
// nothing of each other, so that one can run after the other.
func (r Runner) runFleet(ctx context.Context, arrivals []Arrival) (*Result, error) {
	deal := newRing(r.Gateways)
	parts, places := make([][]Arrival, r.Gateways), make([][]int, r.Gateways)
	for i, a := range arrivals {
		g := deal.gateway(a.ID)
		parts[g], places[g] = append(parts[g], a), append(places[g], i)
	}
	all := &Result{Outcomes: make([]Outcome, len(arrivals)), Gateways: r.Gateways, Budget: r.Config.Budget}
	done := 0
	for g, part := range parts {
		one := Runner{Config: r.Config, Tick: r.Tick}
		one.Config.Budget = partOf(r.Config.Budget, r.Gateways)
		if r.Progress != nil {
			one.Progress = func(d float64) {
				r.Progress((float64(done) + d*float64(len(part))) / float64(max(1, len(arrivals))))
			}
		}
		res, err := one.Run(ctx, part)
		if err != nil {
			return nil, err
		}
		for i, o := range res.Outcomes {
			o.Gateway = g
			all.Outcomes[places[g][i]] = o
		}
		all.add(res)
		done += len(part)
	}
	return all, nil
}

// partOf is the budget of one of several gateways: of a rate its part, of a percentage the same.
func partOf(b tailsampling.Budget, gateways int) tailsampling.Budget {
	if b.Unit != tailsampling.SharePercent {
		b.Value /= float64(gateways)
	}
	return b
}

// add counts what another gateway counted.
func (r *Result) add(o *Result) {
	r.LateKept += o.LateKept
	r.LateDropped += o.LateDropped
	r.Lost += o.Lost
	r.Refused += o.Refused
	r.BelowOwn += o.BelowOwn
	r.Uneven += o.Uneven
	r.Unmarked += o.Unmarked
	r.Rules = o.Rules
	r.RulesExceed = r.RulesExceed || o.RulesExceed
}
