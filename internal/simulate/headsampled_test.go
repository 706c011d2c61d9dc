package simulate_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/sampling/scenarios"
	"github.com/assayhq/assay/test/sampling/synthetic"
)

// What a consistent sampler upstream has let through stands, after this one, for all that there was before both: head
// sampling with probability 1/4 keeps the traces whose randomness is in the upper quarter, and says so with ot=th:c.
func TestHeadSampledUpstream(t *testing.T) {
	const upstream = 0.25
	o := synthetic.Small(3)
	o.Traces, o.Presampled, o.Probability = 4000, 1, upstream
	traces, _ := synthetic.NewWorkload(o).Traces()
	threshold := uint64((1 - upstream) * (1 << 56))
	cfg := tailsampling.Defaults()
	scenarios.Percent(20)(&cfg)

	n := seeds(t, 60)
	var off, variance float64
	for seed := range uint64(n) {
		// Ids of one plan serve as the randomness of traces that no plan would send.
		all := simulate.Schedule{Seed: seed + 1, Rate: 300}.Plan(untouched(traces)).Arrivals
		var sent []simulate.Arrival
		for i, a := range all {
			if randomness := binary.BigEndian.Uint64(a.ID[8:]) & (1<<56 - 1); randomness >= threshold {
				a.Trace = traces[i]
				sent = append(sent, a)
			}
		}
		require.InDelta(t, upstream, float64(len(sent))/float64(len(all)), 0.05)
		res, err := simulate.Runner{Config: cfg}.Run(t.Context(), sent)
		require.NoError(t, err)
		assert.Zero(t, res.BelowOwn)
		var estimate float64
		for i := range res.Outcomes {
			o := &res.Outcomes[i]
			p := 1 - float64(o.Threshold)/(1<<56)
			variance += (1/p - 1) / upstream // the trace is among those sent with that probability
			if o.Kept {
				assert.GreaterOrEqual(t, o.Threshold, threshold, "a threshold only becomes stricter")
				estimate += 1 / p
			}
		}
		off += estimate - float64(len(all))
	}
	z := off / math.Sqrt(variance)
	t.Logf("off by %.2f standard errors in %d runs", z, n)
	assert.Less(t, math.Abs(z), 3.5)
}

// untouched are the same traces as nobody has sampled them.
func untouched(traces []*simulate.Trace) []*simulate.Trace {
	out := make([]*simulate.Trace, len(traces))
	for i, t := range traces {
		c := *t
		c.Threshold = 0
		out[i] = &c
	}
	return out
}
