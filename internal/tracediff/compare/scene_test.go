package compare_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// scene is a simulated system and what its windows are like.
type scene struct {
	system  *simulation.System
	weather simulation.Weather
	size    float64
	p       float64 // of sampling; 0: all
}

func newScene(seed uint64, size float64) *scene {
	return &scene{simulation.NewSystem(microservices.Options{Seed: seed, Services: 6, Endpoints: 6}), simulation.Realistic(), size, 0}
}

func (s *scene) window(n int, changes ...simulation.Change) *snapshot.Snapshot {
	traces := s.system.Play(simulation.Window{Requests: s.size, Weather: s.weather, Seed: uint64(n), Changes: changes})
	return s.system.Snapshot(traces, time.Unix(int64(600*n), 0), simulation.Sampling{Probability: s.p, Seed: uint64(n)})
}

// busiest is the operation below the endpoints that is called most.
func (s *scene) busiest() int {
	best := -1
	calls := s.system.Calls()
	for i, c := range calls {
		if i < s.system.Endpoints[0] && (best < 0 || c > calls[best]) {
			best = i
		}
	}
	return best
}

func (s *scene) operation(op int) snapshot.Identity {
	o := &s.system.Operations[op]
	return snapshot.Identity{Kind: snapshot.Operation, Service: o.Service, Value: o.Name}
}

func find(d *compare.Diff, id snapshot.Identity, m compare.Measure) *compare.Change {
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Identity == id && c.Measure == m {
			return c
		}
	}
	return nil
}

// seeds is how many of so many seeds to try: fewer where time is short, as under the race detector, which is not about chance.
func seeds(n int) int {
	if testing.Short() {
		return n / 4
	}
	return n
}

func flags(d *compare.Diff) (n int) {
	for i := range d.Changes {
		if d.Changes[i].Flagged {
			n++
		}
	}
	return n
}

// withoutNaN is a diff with -1 in place of numbers that are not known: NaN is equal to nothing, itself included.
func withoutNaN(d *compare.Diff) *compare.Diff {
	c := *d
	c.Changes = slices.Clone(d.Changes)
	c.Causes = slices.Clone(d.Causes)
	for i := range c.Changes {
		x := &c.Changes[i]
		for _, v := range []*float64{&x.Effect, &x.Low, &x.High, &x.P, &x.Q} {
			unknown(v)
		}
	}
	for i := range c.Causes {
		unknown(&c.Causes[i].Share)
	}
	return &c
}

func unknown(v *float64) {
	if math.IsNaN(*v) {
		*v = -1
	}
}
