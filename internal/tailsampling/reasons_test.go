package tailsampling

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Rarity is no reason where nothing is rare: everything walks one path, or one of a few, or some consumer takes each message.
func TestNothingIsRareInUniformTraffic(t *testing.T) {
	lognormal := func(r *rand.Rand, sigma float64) time.Duration {
		return time.Duration(20e6 * math.Exp(sigma*r.NormFloat64()))
	}
	for name, kind := range map[string]func(n int, r *rand.Rand) ptrace.Traces{
		"one path, one duration": func(n int, r *rand.Rand) ptrace.Traces { return simple(traceID(n, r.Float64()), 10*time.Millisecond) },
		"one path":               func(n int, r *rand.Rand) ptrace.Traces { return simple(traceID(n, r.Float64()), lognormal(r, 0.3)) },
		"forty paths": func(n int, r *rand.Rand) ptrace.Traces {
			return makeBatch(traceID(n, r.Float64()), spec{id: 1, service: "gateway", name: "/", end: lognormal(r, 0.3)},
				spec{id: 2, parent: 1, service: "shop-" + string(rune('a'+r.IntN(40))), name: "POST", end: lognormal(r, 0.3)})
		},
		"consumers": func(n int, r *rand.Rand) ptrace.Traces {
			return makeBatch(traceID(n, r.Float64()), spec{id: 1, service: "shop", name: "publish", end: time.Millisecond},
				spec{id: 2, parent: 1, service: "consumer-" + string(rune('a'+n%3)), name: "process", start: time.Second, end: time.Second + lognormal(r, 0.3)})
		},
		"consumers whose producer is elsewhere": func(n int, r *rand.Rand) ptrace.Traces {
			return makeBatch(traceID(n, r.Float64()), spec{id: 2, parent: 1, service: "consumer", name: "process", end: lognormal(r, 0.3)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, func(c *Config) { c.Completion.InitialWait = time.Second; c.Completion.MaxWait = 2 * time.Second })
			r := rand.New(rand.NewPCG(5, 6))
			for n := range 6000 {
				h.send(kind(n, r))
				if n%5 == 0 {
					h.pass(20 * time.Millisecond)
				}
			}
			h.finish()
			kept, rare := 0, 0
			for _, d := range h.order[1000:] {
				if d.Kept {
					kept++
					if d.Reason == signRarity.String() {
						rare++
					}
				}
			}
			assert.Positive(t, kept)
			assert.Less(t, float64(rare), 0.06*float64(kept), "of %d kept", kept)
		})
	}
}
