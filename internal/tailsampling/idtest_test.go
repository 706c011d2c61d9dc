package tailsampling

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Trace ids that people have reported: not all are random where they should be.
func reportedIDs() map[string]func(r *rand.Rand, n int) (high, low uint64) {
	return map[string]func(r *rand.Rand, n int) (uint64, uint64){
		"random":       func(r *rand.Rand, _ int) (uint64, uint64) { return r.Uint64(), r.Uint64() },
		"counted":      func(_ *rand.Rand, n int) (uint64, uint64) { return 0, uint64(n + 1) },
		"constant low": func(r *rand.Rand, _ int) (uint64, uint64) { return r.Uint64(), r.Uint64()<<56 | 1 },
		"padded left":  func(r *rand.Rand, _ int) (uint64, uint64) { return 0, r.Uint64() },
		"padded right": func(r *rand.Rand, _ int) (uint64, uint64) { return r.Uint64(), 0 },
		"time in the low": func(r *rand.Rand, n int) (uint64, uint64) {
			return r.Uint64(), uint64(1_700_000_000+n/300)<<32 | uint64(r.Uint32())
		},
	}
}

// Whatever the ids, counts add up where ids are hashed unless they say that they are random, and where they are taken as they are it
// is noticed.
func TestIDsThatAreNotRandom(t *testing.T) {
	for name, id := range reportedIDs() {
		for mode, hash := range map[string]bool{"as they are": false, "hashed unless flagged": true} {
			t.Run(name+", "+mode, func(t *testing.T) {
				h := newHarness(t, func(c *Config) { c.HashRandomness, c.TrustRandomFlag = hash, hash })
				r := rand.New(rand.NewPCG(1, 2))
				const traces = 6000
				for n := range traces {
					var tid pcommon.TraceID
					high, low := id(r, n)
					binary.BigEndian.PutUint64(tid[:8], high)
					binary.BigEndian.PutUint64(tid[8:], low)
					td := simple(tid, time.Millisecond)
					if name == "random" {
						td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetFlags(randomTraceFlag)
					}
					h.send(td)
					if n%10 == 0 {
						h.pass(30 * time.Millisecond)
					}
				}
				h.finish()
				var recovered, variance float64
				for _, d := range h.order {
					if d.Kept {
						recovered += d.Adjusted
						variance += d.Adjusted * (d.Adjusted - 1)
					}
				}
				fine := hash || name == "random" || name == "padded left"
				if fine {
					assert.InDelta(t, traces, recovered, 4*math.Sqrt(variance))
					assert.Zero(t, h.engine.Stats().NotRandom)
				} else {
					assert.Greater(t, h.engine.Stats().NotRandom, uint64(traces/2))
				}
				for tid, spans := range h.out {
					stated := readTraceState(spans[0].TraceState().AsRaw()).HasRandomness
					assert.Equal(t, hash && name != "random", stated, "%v says what decided", tid)
				}
			})
		}
	}
}
