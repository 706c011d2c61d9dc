// Package microservices draws systems of services that never were: who calls whom, how long operations take by themselves, how often
// they fail, and which endpoints are popular. It executes nothing. What is tested or measured with such a system plays it in its own
// way:
//
//	test/sampling/synthetic      single requests, as spans that begin and end, some of them under a fault
//	test/tracediff/simulation    whole windows of requests, as what trace diff aggregates of them, with changes and weather
//
//	System    services, operations and calls                    (system.go)
//	Character how operations are drawn                          (draw.go)
//	Clients   client spans, and what they are called            (clients.go)
//	Calls     who calls whom, and how often                     (graph.go)
package microservices

import (
	"math"
	"math/rand/v2"
	"time"
)

// Options shape a system.
type Options struct {
	Seed      uint64
	Services  int // at least one for each layer, or else layers share them
	Endpoints int
	Clients   Clients // what client spans are called
	Gateway   bool    // all requests enter through one operation
}

// Operation is what a service does on request.
type Operation struct {
	Service  string
	Home     int // index of the service
	Name     string
	Layer    int           // 0: users call it
	Median   time.Duration // of its own time
	Spread   float64       // sigma of the log-normal distribution of its own time
	Heavy    float64       // probability of an own time from the Pareto tail
	Fails    float64       // share of the calls that fail by themselves
	Calls    []Call        // each to another operation
	Parallel bool          // all calls are made at once, if the player can do that
	Forgives bool          // a failed call does not make it fail
	size     int           // spans of a request at most, of which a store has one
}

// Call is of one operation by another.
type Call struct {
	To     int     // operation
	Chance float64 // that it is made
	Times  int     // in a row: synthetic draws at most so many, simulation makes all of them, so that means are known
}

// System is services that call each other. Equal options and characters draw equal systems.
type System struct {
	Services   []string
	Operations []Operation // callees before their callers; the endpoints after all others that are drawn
	Endpoints  []int       // operations that users call, most popular first
	Popular    []float64   // share of the requests of each endpoint
	Gateway    int         // its operation, which calls the endpoint that is asked for; -1: users call endpoints directly
	clients    Clients
}

const (
	// Layers is how many there are: endpoints in the first, data stores in the last.
	Layers  = 4
	outside = -1     // layer of the gateway
	apart   = Layers // layer of operations that were added: all that are drawn may call them
)

// New draws a system. Operations call only operations of later layers.
func New(o Options, c Character) *System {
	r := rand.New(rand.NewPCG(o.Seed, 0x5175))
	s := &System{Gateway: -1, clients: o.Clients}
	for i := range o.Services {
		s.Services = append(s.Services, word(i, "-", "shop", "cart", "stock", "pay", "mail", "user", "price", "image"))
	}
	var later []int
	for layer := Layers - 1; layer >= 0; layer-- {
		n := max(2, 2*o.Services/(Layers-1))
		if layer == 0 {
			n = o.Endpoints
		}
		var here []int
		for i := range n {
			here = append(here, len(s.Operations))
			s.Operations = append(s.Operations, s.draw(r, &c, layer, i, later))
		}
		later = append(here, later...)
		s.Endpoints = here
	}
	for i, e := range s.Endpoints {
		n := len(s.Endpoints)
		s.Popular = append(s.Popular, zipf(i+1, n))
		s.Operations[e].Fails = min(0.2, c.Errors*float64(n)*zipf(n-i, n))
	}
	if o.Gateway {
		s.Gateway = s.add(Operation{Service: "gateway", Name: "/*", Median: time.Millisecond, Spread: 0.4, Layer: outside})
	}
	return s
}

// zipf is the share of the item of a rank, from 1, among n.
func zipf(rank, n int) float64 {
	var sum float64
	for i := 1; i <= n; i++ {
		sum += 1 / float64(i)
	}
	return 1 / float64(rank) / sum
}

// AddService adds an operation of a new service, which nobody calls yet; median is that of its own time.
func (s *System) AddService(service, name string, median time.Duration) int {
	return s.add(Operation{Service: service, Name: name, Median: median, Spread: 0.4, Layer: apart})
}

func (s *System) add(o Operation) int {
	o.Home = len(s.Services)
	s.Services = append(s.Services, o.Service)
	s.Operations = append(s.Operations, o)
	return len(s.Operations) - 1
}

// Drawn is how many operations were drawn. Those after them were added.
func (s *System) Drawn() int { return s.Endpoints[len(s.Endpoints)-1] + 1 }

// Endpoint draws an endpoint by popularity, and returns its operation.
func (s *System) Endpoint(r *rand.Rand) int {
	left := r.Float64()
	for i, share := range s.Popular {
		if left -= share; left < 0 {
			return s.Endpoints[i]
		}
	}
	return s.Endpoints[len(s.Endpoints)-1]
}

// OwnTime draws how long an operation takes by itself, in ns: log-normal, now and then from a Pareto tail above three medians.
func (o *Operation) OwnTime(r *rand.Rand) float64 {
	if o.Heavy > 0 && r.Float64() < o.Heavy {
		const tail = 1.8
		return 3 * float64(o.Median) * math.Pow(1-r.Float64(), -1/tail)
	}
	return float64(o.Median) * math.Exp(o.Spread*r.NormFloat64())
}

// Store tells whether it is one of a data store, which many systems see in the client spans of their services only.
func (o *Operation) Store() bool { return o.Layer == Layers-1 }
