package main

import (
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// kind is a kind of change that has a beginning.
type kind struct {
	name   string
	always func(*site) []simulation.Change // holds all the time
	change func(*site) []simulation.Change // begins
	shown  func(*site, *compare.Diff) bool // a diff says it, of the place where it is
	least  float64                         // calls a window from which on it has a target; 0: as many as others
}

// enoughCalls are those in a window from which on changes are to be noticed soon.
const enoughCalls = 1000

var kinds = []kind{
	{"latency x1.5", nil, slowed(1.5), onOperation(compare.Latency, compare.Slower), 0},
	{"latency x2", nil, slowed(2), onOperation(compare.Latency, compare.Slower), 0},
	{"waiting 1 to 6 ms", nil, func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Delay(s.service(), 5*time.Millisecond, false)}
	}, waitedFor, 0},
	{"1 % of calls 5 s longer", nil, func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Stalls(s.op, 0.01, 5*time.Second)}
	}, onOperation(compare.Slowest, compare.Slower), 5 * enoughCalls}, // fifty long ones
	{"errors 0.5 to 5 %", share(0.005), share(0.05), onOperation(compare.Errors, compare.MoreErrors), 0},
	{"calls x2", nil, repeated(2), onCalls(compare.MoreCalls), 0},
	{"calls x0.5", nil, repeated(0.5), onCalls(compare.FewerCalls), 0},
	{"new edge", nil, calling, onOther(compare.New, compare.MoreCalls), 0},
	{"missing edge", calling, func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Dropped(s.other, s.op)}
	}, onOther(compare.Missing, compare.FewerCalls), 0},
	{"new service", nil, func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Added(s.from, s.fresh, 0.5)}
	}, func(s *site, d *compare.Diff) bool {
		id := snapshot.Identity{Kind: snapshot.Service, Value: s.system.Operations[s.fresh].Service}
		return says(d, id, compare.Presence, compare.New)
	}, 0},
}

func slowed(factor float64) func(*site) []simulation.Change {
	return func(s *site) []simulation.Change { return slower(factor)(s.op) }
}

func share(v float64) func(*site) []simulation.Change {
	return func(s *site) []simulation.Change { return failing(v)(s.op) }
}

func repeated(factor float64) func(*site) []simulation.Change {
	return func(s *site) []simulation.Change {
		return []simulation.Change{simulation.Repeated(s.from, s.op, factor)}
	}
}

// calling lets an operation call that of the site which does not do so otherwise.
func calling(s *site) []simulation.Change {
	return []simulation.Change{simulation.Added(s.other, s.op, s.chance)}
}

func says(d *compare.Diff, id snapshot.Identity, m compare.Measure, want compare.Verdict) bool {
	v, hit := verdictOn(d, id, m)
	return hit && v == want
}

func (s *site) operation() snapshot.Identity {
	o := &s.system.Operations[s.op]
	return snapshot.Identity{Kind: snapshot.Operation, Service: o.Service, Value: o.Name}
}

func onOperation(m compare.Measure, want compare.Verdict) func(*site, *compare.Diff) bool {
	return func(s *site, d *compare.Diff) bool { return says(d, s.operation(), m, want) }
}

// onCalls looks at the operation that is called, and at the calls of its main caller, which go through a client span where there
// are some.
func onCalls(want compare.Verdict) func(*site, *compare.Diff) bool {
	return func(s *site, d *compare.Diff) bool {
		to, from := &s.system.Operations[s.op], &s.system.Operations[s.from]
		return slices.ContainsFunc(d.Changes, func(c compare.Change) bool {
			return c.Flagged && c.Measure == compare.CallRate && c.Verdict == want &&
				(c.Service == to.Service && c.Value == to.Name || c.CallerService == from.Service && c.Caller == from.Name)
		})
	}
}

// onOther looks at calls that are new or missing. Where only a part of a window has them, they are more or fewer.
func onOther(want, partly compare.Verdict) func(*site, *compare.Diff) bool {
	return func(s *site, d *compare.Diff) bool {
		edge := s.system.Edge(s.other, s.op)
		return says(d, edge, compare.Presence, want) || says(d, edge, compare.CallRate, partly)
	}
}

// waitedFor tells whether a diff says that callers wait for the service: by any measure of time on a call to it.
func waitedFor(s *site, d *compare.Diff) bool {
	return slices.ContainsFunc(d.Changes, func(c compare.Change) bool {
		timed := c.Measure != compare.Presence && c.Measure != compare.Errors && c.Measure != compare.CallRate
		return c.Flagged && timed && c.Verdict != compare.Faster && c.Kind == snapshot.Edge && c.Service == s.service()
	})
}
