package tailsampling

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Whatever floods in, the memory that is counted stays at its limit, and what is learned and cached never fills it: once the
// flood is over there is room for spans. Were there none, nothing would be taken in ever again.
func TestFloodLeavesRoomForSpans(t *testing.T) {
	spans := map[string]func(r *rand.Rand, s ptrace.Span){
		"slow and fast": func(r *rand.Rand, s ptrace.Span) { // duration sketches as wide as they get
			s.SetName(word(r)[:2])
			s.SetEndTimestamp(pcommon.Timestamp(uint64(1) << r.IntN(63)))
		},
		"raw URLs": func(r *rand.Rand, s ptrace.Span) {
			s.SetName("https://x.example/" + word(r) + "/" + word(r))
			s.SetEndTimestamp(pcommon.Timestamp(r.Uint64N(1e9)))
		},
	}
	for name, fill := range spans {
		for shards, limit := range map[int]int64{0: 32 << 20, 1: 16 << 20, 4: 16 << 20} {
			t.Run(fmt.Sprintf("%s/%d MiB/%d shards", name, limit>>20, shards), func(t *testing.T) {
				h := newHarness(t, func(c *Config) { c.MemoryLimit, c.Shards, c.Budget.Value = limit, shards, 1 })
				r := rand.New(rand.NewPCG(1, 2))
				n := 0
				for range 300 { // 30 s of 5,000 one-span traces a second, from 10,000 services
					td := ptrace.NewTraces()
					for range 500 {
						rs := td.ResourceSpans().AppendEmpty()
						rs.Resource().Attributes().PutStr("service.name", fmt.Sprint("service", r.IntN(10_000)))
						s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
						s.SetTraceID(traceID(n, r.Float64()))
						fill(r, s)
						n++
					}
					for range 3 { // a started engine does so while Consume waits
						if h.engine.assembly.memory.full() {
							h.engine.Step()
							h.engine.Drain(context.Background())
						}
					}
					h.send(td)
					h.now = h.now.Add(selectInterval)
					h.engine.Step()
					h.engine.Drain(context.Background())
					require.Less(t, h.engine.Stats().Bytes, limit*11/10)
				}
				h.pass(12 * time.Second)
				st := h.engine.Stats()
				require.Zero(t, st.Traces)
				assert.Less(t, float64(st.Bytes), softShare*float64(limit), "spans have no room")
				h.finish()
			})
		}
	}
}

func word(r *rand.Rand) string {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte('g' + r.IntN(19))
	}
	return string(b)
}
