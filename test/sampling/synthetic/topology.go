package synthetic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Options shape a topology and what is sent through it.
type Options struct {
	Seed      uint64
	Services  int
	Endpoints int
	Traces    int     // without a fault
	Rate      float64 // traces a second
	Errors    float64 // share of the requests that fail without any fault, mean over the endpoints
	Gateway   bool    // every request comes through one operation, and all calls of services have one name

	// Faulty is the number of traces under each fault; a fault has several windows, each in a place of its own.
	Faulty  int
	Faults  []Fault
	Windows int

	Presampled  float64 // share of the traces that come in with a threshold
	Probability float64 // that this threshold stands for

	Burst     float64       // factor of the rate during a burst; 0: no burst
	BurstFrom time.Duration // beginning of the burst
	BurstFor  time.Duration // its length

	Late   float64       // share of the traces with a span that arrives late
	LateBy time.Duration // by how much, mean of an exponential distribution
}

// Small is a workload that is sampled in some 20 ms.
func Small(seed uint64) Options {
	return Options{Seed: seed, Services: 10, Endpoints: 12, Traces: 1500, Rate: 100, Errors: 0.01}
}

// Faulty is a workload with every fault.
func Faulty(seed uint64) Options {
	o := Small(seed)
	o.Services, o.Endpoints, o.Traces, o.Faulty, o.Windows, o.Faults = 16, 24, 4000, 60, 5, AllFaults()
	return o
}

// Gatewayed is the same behind a gateway, as an ingress or a mesh names things.
func Gatewayed(seed uint64) Options {
	o := Faulty(seed)
	o.Gateway = true
	return o
}

// Topology is a system of services.
type Topology struct {
	options   Options
	services  []string
	endpoints []*operation // most requested first
	popular   []float64    // cumulated share of the requests
}

// operation is what a service does on request.
type operation struct {
	service  int
	layer    int
	name     string
	leaf     bool          // a data store: the caller's span is the only one
	median   time.Duration // of its own time
	spread   float64       // sigma of the log-normal distribution
	heavy    float64       // probability of a time from the Pareto tail
	fails    float64       // probability without a fault
	calls    []call
	parallel bool // all calls at once
	forgives bool // a failed call does not make it fail
	size     int  // spans of a request, at most
}

type call struct {
	to     *operation
	chance float64
	times  int // most
}

const (
	layers      = 4
	largestSize = 60 // spans of a request to one operation
)

// NewTopology draws a system. Its endpoints are in the first layer and data stores in the last; operations call only
// operations of later layers.
func NewTopology(o Options) *Topology {
	r := newRand(o.Seed, 1)
	t := &Topology{options: o}
	for i := range o.Services {
		t.services = append(t.services, fmt.Sprintf("%s-%d", [...]string{"shop", "cart", "stock", "pay", "mail", "user", "price", "image"}[i%8], i/8))
	}
	byLayer := make([][]*operation, layers)
	for layer := layers - 1; layer >= 0; layer-- {
		n := 2 * o.Services / (layers - 1)
		if layer == 0 {
			n = o.Endpoints
		}
		for i := range n {
			byLayer[layer] = append(byLayer[layer], t.draw(r, layer, i, slices.Concat(byLayer[layer+1:]...)))
		}
	}
	t.endpoints = byLayer[0]
	var sum float64
	for i, e := range t.endpoints {
		e.fails = min(0.2, o.Errors*float64(len(t.endpoints))*zipf(len(t.endpoints)-i, len(t.endpoints))) // the rare ones fail most
		sum += zipf(i+1, len(t.endpoints))
		t.popular = append(t.popular, sum)
	}
	return t
}

// zipf is the share of the item of a rank, from 1, among n.
func zipf(rank, n int) float64 {
	var sum float64
	for i := 1; i <= n; i++ {
		sum += 1 / float64(i)
	}
	return 1 / float64(rank) / sum
}

// draw makes an operation that calls some of the later ones.
func (t *Topology) draw(r *rand.Rand, layer, n int, later []*operation) *operation {
	perLayer := max(1, len(t.services)/(layers-1))
	o := &operation{
		service: (layer*perLayer + n%perLayer) % len(t.services), layer: layer, leaf: layer == layers-1,
		median: time.Duration(math.Exp(r.NormFloat64()*0.9) * float64(4*time.Millisecond)),
		spread: 0.15 + 0.5*r.Float64(), heavy: 0.02 * r.Float64(),
		parallel: r.IntN(3) == 0, forgives: r.IntN(2) == 0, size: 2,
	}
	o.name = [...]string{"GET /item/{id}", "POST /order", "Find", "Reserve", "Render", "Charge", "List", "Update"}[n%8]
	switch {
	case o.leaf:
		o.size = 1
		o.name = [...]string{"SELECT", "INSERT", "GET", "HMSET"}[n%4] + fmt.Sprintf(" table_%c", 'a'+n)
	case layer == 0:
		o.name = fmt.Sprintf("%s /v%c/%s", [...]string{"GET", "POST"}[n%2], '1'+n%2, [...]string{"home", "search", "item", "cart", "checkout", "login"}[n%6])
		if n >= 6 {
			o.name += fmt.Sprintf("/%c", 'a'+n/6-1)
		}
	case n >= 8:
		o.name += fmt.Sprintf("%c", 'A'+n-8)
	}
	if o.leaf || len(later) == 0 {
		return o
	}
	for range 1 + r.IntN(4) {
		c := call{to: later[r.IntN(len(later))], chance: 1, times: 1}
		switch r.IntN(5) {
		case 0:
			c.chance = 0.05 + 0.4*r.Float64()
		case 1:
			c.times = 1 + r.IntN(3)
		}
		if o.size+c.times*c.to.size > largestSize {
			continue
		}
		o.size += c.times * c.to.size
		o.calls = append(o.calls, c)
	}
	return o
}

// endpoint draws one by popularity.
func (t *Topology) endpoint(r *rand.Rand) *operation {
	at, _ := slices.BinarySearch(t.popular, r.Float64()*t.popular[len(t.popular)-1])
	return t.endpoints[min(at, len(t.endpoints)-1)]
}

func newRand(seed uint64, stream byte) *rand.Rand {
	var s [32]byte
	for i := range 8 {
		s[i] = byte(seed >> (8 * i))
	}
	s[8] = stream
	return rand.New(rand.NewChaCha8(s))
}
