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
	Clients   Clients // how client spans are named
	Gateway   bool    // all requests enter through one operation
}

// Operation is what a service does on request.
type Operation struct {
	Service string
	Name    string
	home    int     // index of the service
	median  float64 // of its own time, ns
	spread  float64 // sigma of the log-normal distribution of its own time
	fails   float64 // share of the calls that fail by themselves
	exact   bool    // fails is the share of all failures: those of its callees are not passed on
	calls   []call
	layer   int // 0: users call it
	client  bool
}

type call struct {
	to     int     // operation
	chance float64 // that it is made
	times  int     // in a row
}

// System is services that call each other. It is not changed by playing windows, so that many can be played at once.
type System struct {
	Operations []Operation
	Endpoints  []int     // operations that users call
	popular    []float64 // share of the requests of each endpoint
	services   []string
	naming     Clients
	clients    [][]int // the client operation, by service that calls and operation that is called; 0: none
	gateway    int     // its operation; -1: users call endpoints directly
	drawn      int     // operations that are drawn; those after them were added
}

const (
	layers = 4
	beyond = 99 // layer of operations that call nothing by themselves: client spans, and the gateway
)

// NewSystem draws a system. Operations call only operations of later layers.
func NewSystem(o Options) *System {
	r := rand.New(rand.NewPCG(o.Seed, 0x5175))
	s := &System{naming: o.Clients, gateway: -1}
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
	s.drawn = len(s.Operations)
	var sum float64
	for i := range s.Endpoints {
		s.popular = append(s.popular, 1/float64(i+1))
		sum += s.popular[i]
	}
	for i := range s.popular {
		s.popular[i] /= sum
	}
	if o.Gateway {
		s.gateway = s.add("gateway", "/*", 1e6, beyond)
	}
	s.connect()
	return s
}

func (s *System) draw(r *rand.Rand, layer, n int, later []int) Operation {
	perLayer := max(1, len(s.services)/layers)
	home := (layer*perLayer + n%perLayer) % len(s.services)
	o := Operation{
		layer:   layer,
		home:    home,
		Service: s.services[home],
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

// AddService adds an operation of a new service, which nobody calls until a change lets them.
func (s *System) AddService(name, operation string, median float64) int {
	op := s.add(name, operation, median, layers)
	s.connect()
	return op
}

// add adds an operation of a new service; median is that of its own time, ns.
func (s *System) add(service, name string, median float64, layer int) int {
	s.services = append(s.services, service)
	s.Operations = append(s.Operations, Operation{
		Service: service, Name: name, home: len(s.services) - 1, median: median, spread: 0.4, layer: layer,
	})
	return len(s.Operations) - 1
}

func (o *Operation) calling(to int) bool {
	for _, c := range o.calls {
		if c.to == to {
			return true
		}
	}
	return false
}

// Calls is the mean number of calls to each operation in a request; client spans are not counted.
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
	if s.gateway >= 0 {
		mean[s.gateway] = 1
	}
	return mean
}
