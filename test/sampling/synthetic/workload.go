package synthetic

import (
	"math/rand/v2"
	"time"

	"github.com/assayhq/assay/test/microservices"
)

// Options shape a system and what is sent through it.
type Options struct {
	microservices.Options

	Errors float64 // share of the requests that fail without any fault, mean over the endpoints
	Traces int     // without a fault
	Rate   float64 // traces a second

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
	return Options{
		Options: microservices.Options{Seed: seed, Services: 10, Endpoints: 12, Clients: microservices.Particular},
		Errors:  0.01, Traces: 1500, Rate: 100,
	}
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
	o.Gateway, o.Clients = true, microservices.Generic
	return o
}

// Workload is a system and what is sent through it.
type Workload struct {
	options Options
	system  *microservices.System
}

// NewWorkload draws the system.
func NewWorkload(o Options) *Workload {
	return &Workload{o, microservices.New(o.Options, microservices.Character{
		Fanout: 4, Spread: [2]float64{0.15, 0.65}, Heavy: 0.02, Errors: o.Errors,
	})}
}

func newRand(seed uint64, stream byte) *rand.Rand {
	var s [32]byte
	for i := range 8 {
		s[i] = byte(seed >> (8 * i))
	}
	s[8] = stream
	return rand.New(rand.NewChaCha8(s))
}
