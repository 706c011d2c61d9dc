package microservices

import (
	"math"
	"math/rand/v2"
	"time"
)

// Character is how operations are drawn.
type Character struct {
	Fanout      int        // other operations that one calls, at most
	Spread      [2]float64 // of Operation.Spread: least and most
	Heavy       float64    // of Operation.Heavy, at most
	Errors      float64    // of Operation.Fails of endpoints, their mean: those that are rarely asked for fail most
	InnerErrors float64    // of Operation.Fails of others, at most; most of them have far less
}

// largest is how many spans a request to one operation has, at most.
const largest = 60

// draw makes an operation, the n-th of its layer, that calls some of the later ones.
func (s *System) draw(r *rand.Rand, c *Character, layer, n int, later []int) Operation {
	o := Operation{
		Layer:    layer,
		Name:     nameOf(layer, n),
		Home:     s.home(layer, n),
		Median:   time.Duration(math.Exp(r.NormFloat64()*0.9) * float64(4*time.Millisecond)),
		Spread:   c.Spread[0] + (c.Spread[1]-c.Spread[0])*r.Float64(),
		Heavy:    c.Heavy * r.Float64(),
		Fails:    c.InnerErrors * r.Float64() * r.Float64(),
		Parallel: r.IntN(3) == 0,
		Forgives: r.IntN(2) == 0,
		size:     2,
	}
	o.Service = s.Services[o.Home]
	if o.Store() {
		o.size = 1
		return o
	}
	for range 1 + r.IntN(c.Fanout) {
		call := Call{To: later[r.IntN(len(later))], Chance: 1, Times: 1}
		switch r.IntN(4) {
		case 0:
			call.Chance = 0.05 + 0.65*r.Float64()
		case 1:
			call.Times = 1 + r.IntN(3)
		}
		if size := call.Times * s.Operations[call.To].size; !o.Calling(call.To) && o.size+size <= largest {
			o.size += size
			o.Calls = append(o.Calls, call)
		}
	}
	return o
}

// home is the service of the n-th operation of a layer. Each layer has services of its own, if there are enough.
func (s *System) home(layer, n int) int {
	first, end := layer*len(s.Services)/Layers, (layer+1)*len(s.Services)/Layers
	return (first + n%max(1, end-first)) % len(s.Services)
}
