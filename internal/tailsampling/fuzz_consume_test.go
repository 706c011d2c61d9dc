package tailsampling

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// fuzzConfig derives a configuration from some bits.
func fuzzConfig(bits uint64) func(*Config) {
	return func(c *Config) {
		c.Budget = []Budget{{SharePercent, 100}, {SharePercent, 10}, {SpansPerSecond, 3}, {TracesPerSecond, 2}, {BytesPerSecond, 50}}[bits%5]
		c.HashRandomness = bits&8 != 0
		c.DryRun = bits&16 != 0
		c.Paths.NormalizeNames = bits&32 != 0
		c.MemoryLimit = 16 << 20
		if bits&64 != 0 {
			c.Paths.Attributes = []string{"service.name", "http.method"}
		}
		if bits&128 != 0 {
			c.Matcher, c.Rules = always{}, []Rule{{Name: "some", Action: Probability, Value: 0.5}}
		}
	}
}

// Anything that a client may send: a started engine takes it, decides it and sends it or says what became of it. Where a
// trace can carry its threshold, its spans do.
func FuzzConsume(f *testing.F) {
	marshal := func(td ptrace.Traces) []byte {
		b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		require.NoError(f, err)
		return b
	}
	f.Add([]byte{}, uint64(0))
	f.Add(marshal(simple(traceID(1, 0.5), time.Second)), uint64(0))
	f.Add(marshal(makeBatch(traceID(2, 0.1), spec{id: 1, parent: 1, name: "a/12", state: "ot=th:8"}, spec{id: 1, name: "\xff", state: "x"})), uint64(1))
	f.Add(marshal(makeBatch(pcommon.TraceID{}, spec{name: "no id"})), uint64(16))
	for seed := range 200 {
		if b := marshal(hostileBatches(hostileStates).Example(seed)); len(b) < 500 { // from large seeds the fuzzer makes a few inputs a second
			f.Add(b, uint64(seed*37))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, bits uint64) {
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data)
		if err != nil {
			return
		}
		h := newStarted(t, fuzzConfig(bits))
		half := copyOf(td)
		half.ResourceSpans().RemoveIf(func(ptrace.ResourceSpans) bool { // the same spans again, some of them
			bits = bits*6364136223846793005 + 1
			return bits>>63 != 0
		})
		h.send(td)
		h.send(half)
		h.finish()
		if h.engine.assembly.cfg.DryRun {
			return
		}
		for id, spans := range h.out {
			d := h.decisions[id]
			for _, s := range spans {
				if d.Marked {
					requireConsistent(t, &d, s)
				}
			}
		}
	})
}

// The books also hold for any two batches some time apart: cheap enough to run with every test.
func TestBatchesOverTimeAreAccountedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHarness(t, fuzzConfig(rapid.Uint64().Draw(t, "bits")))
		raw := rapid.SliceOfN(rapid.Byte(), 40, 400).Draw(t, "raw")
		for len(raw) >= 20 { // spans of raw ids, names and times
			td := makeBatch(pcommon.TraceID{15: raw[0] % 8}, spec{
				id: raw[1] % 8, parent: raw[2] % 8, service: string(raw[3:5]), name: string(raw[5:9]), failed: raw[9] > 200,
				start: time.Duration(binary.LittleEndian.Uint32(raw[10:])), end: time.Duration(binary.LittleEndian.Uint32(raw[14:])),
			})
			h.send(td)
			h.pass(time.Duration(raw[18]) * tickInterval)
			raw = raw[20:]
		}
		h.finish()
	})
}
