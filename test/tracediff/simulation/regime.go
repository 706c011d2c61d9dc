package simulation

import (
	"slices"

	"github.com/assayhq/assay/test/microservices"
)

// versions are those of the services, by their index.
type versions struct{ of []string }

// stall is that few calls take longer by some time.
type stall struct{ share, by float64 }

// regime is a system as it is in one part of a window, with the changes that hold there.
type regime struct {
	until      float64 // its end, as a fraction of the window
	operations []microservices.Operation
	factor     []float64 // of the duration of the calls to each operation
	own        []float64 // of its own time
	delayTo    []float64 // ns that calls to it wait longer
	delayFrom  []float64 // ns that calls from it wait longer
	stalls     []stall   // of its own time
	stallsTo   []stall   // of the way to it
	passedOn   []float64 // share of its failures with which callers fail; below 0: as callers forgive
	exact      []bool    // fails is the share of all its failures: those of its callees are not passed on
	fails      []float64 // share of its calls that fail, in this window's weather
	versions   *versions
}

// each visits the operations of a service.
func (r *regime) each(service string, do func(op int)) {
	for i := range r.operations {
		if r.operations[i].Service == service {
			do(i)
		}
	}
}

// regimes cuts a window where changes begin and end.
func (s *System) regimes(changes []Change) []*regime {
	cuts := []float64{1}
	for _, c := range changes {
		if from, until := c.extent(); from > 0 && from < 1 {
			cuts = append(cuts, from, until)
		} else {
			cuts = append(cuts, until)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var list []*regime
	begin := 0.0
	plain := slices.Repeat([]string{"1"}, len(s.Services))
	for _, end := range cuts {
		r := &regime{
			until: end, operations: slices.Clone(s.Operations), factor: s.filled(1), own: s.filled(1),
			delayTo: s.filled(0), delayFrom: s.filled(0), passedOn: s.filled(-1), exact: make([]bool, len(s.Operations)),
			stalls: make([]stall, len(s.Operations)), stallsTo: make([]stall, len(s.Operations)), versions: &versions{plain},
		}
		for _, c := range changes {
			if from, until := c.extent(); c.apply != nil && from <= begin && until >= end {
				c.apply(r)
			}
		}
		list = append(list, r)
		begin = end
	}
	return list
}

// extent is the part of a window in which a change holds.
func (c *Change) extent() (from, until float64) {
	if c.Until <= 0 || c.Until > 1 {
		return c.From, 1
	}
	return c.From, c.Until
}

func (s *System) filled(v float64) []float64 { return slices.Repeat([]float64{v}, len(s.Operations)) }
