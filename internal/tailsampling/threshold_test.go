package tailsampling

import (
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracestate"
)

func TestThresholdComposes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.Uint64Range(0, tracestate.RandomnessEnd-1).Draw(t, "in")
		p := rapid.Float64Range(1e-9, 1).Draw(t, "p")
		th := composeThreshold(in, p)
		require.GreaterOrEqual(t, th, in, "never laxer than what came in")
		require.Less(t, th, tracestate.RandomnessEnd)
		want := p * tracestate.Probability(in)
		got := tracestate.Probability(th)
		if want*float64(tracestate.RandomnessEnd) > 1<<20 {
			require.LessOrEqual(t, got, want*(1+1e-12), "rounding never raises the probability")
			require.InEpsilon(t, want, got, 1.0/(1<<16))
		}
		w, err := sampling.UnsignedToThreshold(th)
		require.NoError(t, err)
		back, err := sampling.TValueToThreshold(w.TValue())
		require.NoError(t, err)
		require.Equal(t, th, back.Unsigned(), "survives the wire")
	})
}

// rank and threshold say the same: a trace is kept by one exactly if it is kept by the other.
func TestRankAgreesWithThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.Uint64Range(0, tracestate.RandomnessEnd-1<<20).Draw(t, "in")
		r := rapid.Uint64Range(in, tracestate.RandomnessEnd-1).Draw(t, "r")
		p := rapid.Float64Range(1e-6, 1).Draw(t, "p")
		u := rank(r, in)
		require.Positive(t, u)
		require.LessOrEqual(t, u, 1.0)
		if th := composeThreshold(in, p); r >= th {
			require.LessOrEqual(t, u, p*(1+1e-9))
		} else {
			require.Greater(t, u, p*(1-1.0/(1<<15)))
		}
	})
}

func TestThresholdIsShort(t *testing.T) {
	for p, want := range map[float64]string{1: "0", 0.5: "8", 0.25: "c", 0.1: "e6667", 0.01: "fd70a4", 0.05: "f33334"} {
		th, err := sampling.UnsignedToThreshold(composeThreshold(0, p))
		require.NoError(t, err)
		assert.Equal(t, want, th.TValue(), "p = %v", p)
	}
}
