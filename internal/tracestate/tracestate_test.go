package tracestate

import (
	"math"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"pgregory.net/rapid"
)

func TestRead(t *testing.T) {
	for raw, want := range map[string]Sampling{
		"":                                    {},
		"ot=th:0":                             {HasThreshold: true},
		"ot=th:8":                             {HasThreshold: true, Threshold: 1 << 55},
		"ot=th:ffffffffffffff":                {HasThreshold: true, Threshold: RandomnessEnd - 1},
		"ot=th:":                              {},
		"ot=th:fffffffffffffff":               {},
		"ot=th:8g":                            {},
		"ot=rv:00000000000001":                {HasRandomness: true, Randomness: 1},
		"a=b , ot=x:y;rv:c0000000000000;th:4": {HasThreshold: true, Threshold: 1 << 54, HasRandomness: true, Randomness: 3 << 54},
		"ot=th:8;rv:1":                        {}, // not 14 digits: the whole of it is in doubt
		"ot=th:8,=":                           {},
		"assay=th:8":                          {},
	} {
		assert.Equal(t, want, Read(raw), "%q", raw)
	}
}

// Reading the usual form by hand, and the arithmetic on thresholds, say what the sampling package says.
func TestAgreesWithSamplingPackage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(
			rapid.StringMatching(`ot=th:[0-9a-f]{0,15}`),
			rapid.StringMatching(`(x=y,)?ot=(rv:[0-9a-f]{14};)?th:[0-9a-fA-F]{1,14}(;a:b)?(,z=1)?`),
			rapid.String(),
		).Draw(t, "tracestate")
		got := Read(raw)
		state, err := sampling.NewW3CTraceState(raw)
		if err != nil {
			require.Equal(t, Sampling{}, got)
			return
		}
		th, hasTH := state.OTelValue().TValueThreshold()
		rv, hasRV := state.OTelValue().RValueRandomness()
		require.Equal(t, Sampling{th.Unsigned(), rv.Unsigned(), hasTH, hasRV}, got)
		require.InEpsilon(t, th.Probability(), Probability(got.Threshold), 1e-12)
		require.InEpsilon(t, th.AdjustedCount(), AdjustedCount(got.Threshold), 1e-12)
	})
}

func TestIDRandomness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := pcommon.TraceID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		require.Equal(t, sampling.TraceIDToRandomness(id).Unsigned(), IDRandomness(id))
	})
}

func TestAdjustedCountIsFinite(t *testing.T) {
	for _, th := range []uint64{RandomnessEnd - 1, RandomnessEnd, math.MaxUint64} {
		assert.InDelta(t, float64(RandomnessEnd), AdjustedCount(th), 0)
	}
}

// Trace diff reads a tracestate on each span, the sampler on most traces.
func TestReadingAllocatesNothing(t *testing.T) {
	for _, raw := range []string{"", "ot=th:8", "ot=rv:ffffffffffffff;th:c"} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { Read(raw) }), "%q", raw)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, raw := range []string{"ot=th:8", "ot=rv:ffffffffffffff;th:c", "ot=th:8,assay=ambient"} {
		b.Run(raw, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				Read(raw)
			}
		})
	}
}
