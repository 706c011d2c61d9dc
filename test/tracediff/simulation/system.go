package simulation

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Options shape a system.
type Options struct {
	Seed      uint64
	Services  int
	Endpoints int
}

// Operation is what a service does on request.
type Operation struct {
	Service string
	Name    string
	median  float64 // of its own time, ns
	spread  float64 // sigma of the log-normal distribution of its own time
	fails   float64 // share of the calls that fail by themselves
	exact   bool    // fails is the share of all failures: those of its callees are not passed on
	calls   []call
	layer   int // 0: users call it
}

type call struct {
	to     int     // operation
	chance float64 // that it is made
	times  int     // in a row
}

// System is services that call each other.
type System struct {
	Operations []Operation
	Endpoints  []int     // operations that users call
	popular    []float64 // share of the requests of each endpoint
	services   []string
}

const layers = 4

// NewSystem draws a system. Operations call only operations of later layers.
func NewSystem(o Options) *System {
	r := rand.New(rand.NewPCG(o.Seed, 0x5175))
	s := &System{}
	for i := range o.Services {
		s.services = append(s.services, fmt.Sprintf("service-%c", 'a'+i))
	}
	var later []int
	for layer := layers - 1; layer >= 0; layer-- {
		n := max(2, 2*o.Services/(layers-1))
		if layer == 0 {
			n = o.Endpoints
		}
		var here []int
		for i := range n {
			here = append(here, len(s.Operations))
			s.Operations = append(s.Operations, s.draw(r, layer, i, later))
		}
		later = append(here, later...)
		if layer == 0 {
			s.Endpoints = here
		}
	}
	var sum float64
	for i := range s.Endpoints {
		s.popular = append(s.popular, 1/float64(i+1))
		sum += s.popular[i]
	}
	for i := range s.popular {
		s.popular[i] /= sum
	}
	return s
}

func (s *System) draw(r *rand.Rand, layer, n int, later []int) Operation {
	perLayer := max(1, len(s.services)/layers)
	o := Operation{
		layer:   layer,
		Service: s.services[(layer*perLayer+n%perLayer)%len(s.services)],
		Name:    fmt.Sprintf("%s %c%d", [...]string{"GET /page", "Handle", "Find", "SELECT table"}[layer], 'a'+n%26, layer),
		median:  math.Exp(r.NormFloat64()*0.9) * 4e6,
		spread:  0.3 + 0.6*r.Float64(),
		fails:   0.004 * r.Float64() * r.Float64(),
	}
	if layer == 0 {
		o.fails = 0.002
	}
	if len(later) == 0 {
		return o
	}
	for range 1 + r.IntN(3) {
		c := call{to: later[r.IntN(len(later))], chance: 1, times: 1}
		switch r.IntN(4) {
		case 0:
			c.chance = 0.1 + 0.8*r.Float64()
		case 1:
			c.times = 2
		}
		if !o.calling(c.to) {
			o.calls = append(o.calls, c)
		}
	}
	return o
}

func (o *Operation) calling(to int) bool {
	for _, c := range o.calls {
		if c.to == to {
			return true
		}
	}
	return false
}

// Calls is the mean number of calls to each operation in a request.
func (s *System) Calls() []float64 {
	mean := make([]float64, len(s.Operations))
	var visit func(op int, share float64)
	visit = func(op int, share float64) {
		mean[op] += share
		for _, c := range s.Operations[op].calls {
			visit(c.to, share*c.chance*float64(c.times))
		}
	}
	for i, e := range s.Endpoints {
		visit(e, s.popular[i])
	}
	return mean
}
