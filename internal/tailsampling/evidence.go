package tailsampling

import (
	"math"

	"github.com/assayhq/assay/internal/tracesketch"
)

// evidence is what a trace shows of each sign, in units that people read, where a weight is on a steep scale.
type evidence struct {
	strength [signCount]float32    // latency: the excess, in multiples of what is not yet remarkable; error and rarity: bits of surprise
	excess   float32               // ns
	slowest  tracesketch.Operation // has the largest part of the excess; 0 without any
	failed   tracesketch.Operation // its error surprises most; 0 without any
}

// steepness of each sign. The exponents are steep: the floor of the budget takes care of variance, and a steep weight wastes little on
// traces that are only somewhat remarkable.
var steepness = signs{signLatency: 12, signError: 12, signRarity: 12}

const maxWeight = 1e50

// weights puts the evidence on the steep scale: zero where there is nothing to see.
func (e *evidence) weights() signs {
	var w signs
	for k, x := range e.strength {
		w[k] = min(math.Pow(1+float64(x), steepness[k])-1, maxWeight)
	}
	return w
}

// strengthOf is the strength that has a weight.
func strengthOf(k sign, weight float64) float64 { return math.Pow(1+weight, 1/steepness[k]) - 1 }
