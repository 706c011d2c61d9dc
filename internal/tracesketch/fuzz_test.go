package tracesketch

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// spanBytes is how many bytes of a fuzzer's input make a span.
const spanBytes = 23

// spansFrom reads spans from raw bytes; ids and operations are small, so that the fuzzer finds cycles.
func spansFrom(data []byte) []Span {
	var spans []Span
	for ; len(data) >= spanBytes && len(spans) < 64; data = data[spanBytes:] {
		spans = append(spans, Span{
			SpanID:       uint64(data[0] % 16),
			ParentSpanID: uint64(data[1] % 16),
			Operation:    uint64(data[2]%8) + 2,
			Start:        binary.LittleEndian.Uint64(data[3:]),
			Duration:     int64(binary.LittleEndian.Uint64(data[11:])),
			Flags:        data[19] & 3,
		})
	}
	return spans
}

// Any set of spans: what is found does not depend on the order, and no span has more time of its own than its duration.
func FuzzPath(f *testing.F) {
	f.Add([]byte{}, uint64(1))
	seed := make([]byte, 12*spanBytes)
	for i := range seed {
		seed[i] = byte(i * i)
	}
	f.Add(seed, uint64(2))
	f.Add(make([]byte, 3*spanBytes), uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, shuffle uint64) {
		spans := spansFrom(data)
		var a Analyzer
		s := a.Analyze(spans)
		require.Len(t, s.Self, len(spans))
		require.LessOrEqual(t, s.MissingParents, len(spans))
		for i, self := range s.Self {
			require.GreaterOrEqual(t, self, int64(0))
			require.LessOrEqual(t, self, max(0, spans[i].Duration))
			require.GreaterOrEqual(t, spans[i].Start, s.Start)
		}
		before := shapeOf(&a, spans)
		rand.New(rand.NewPCG(shuffle, 0)).Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
		require.Equal(t, before, shapeOf(&a, spans))
	})
}
