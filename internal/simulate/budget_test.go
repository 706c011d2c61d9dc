package simulate_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/test/sampling/scenarios"
	"github.com/assayhq/assay/test/sampling/synthetic"
)

// No ten seconds see more than 2 % over a budget in spans, in quiet times, in a burst, when everything fails, and both; and
// from the first decision to the last most of it is used.
func TestSpansPerSecond(t *testing.T) {
	for _, storm := range scenarios.Storms(recordings) {
		for _, budget := range []float64{200, 2000} {
			t.Run(fmt.Sprintf("%s, %v spans a second", storm.Name, budget), func(t *testing.T) {
				s, _, err := storm.Spend(t.Context(), budget, nil)
				require.NoError(t, err)
				t.Logf("%d spans in 10 s from %v on (%.3f); used %.3f; %d apart; largest trace %d", s.Window, s.At, s.Over(), s.Used, s.Apart, s.Largest)
				assert.LessOrEqual(t, float64(s.Window), s.Allowed(), "from %v on", s.At)
				assert.GreaterOrEqual(t, s.Used, 0.9)
			})
		}
	}
}

// Keep rules take from the budget: with what they keep, ten seconds hold no more than without them.
func TestKeepRulesCount(t *testing.T) {
	const budget = 1000
	storm := scenarios.Storm{Traces: scenarios.Made(func(o *synthetic.Options) { o.Traces = 3000 }), Burst: 1}
	_, outs, err := storm.Spend(t.Context(), budget, scenarios.Rules)
	require.NoError(t, err)
	ruled := 0
	for i := range outs {
		if o := &outs[i]; o.Decision.Reason == "rule:"+scenarios.RuleKeep {
			assert.True(t, o.Kept)
			ruled += o.Decision.Spans
		}
	}
	assert.Positive(t, ruled)
	s := scenarios.WithRules(budget, outs)
	t.Logf("%d spans in 10 s (%.3f); %d by the keep rule in all", s.Window, s.Over(), ruled)
	assert.LessOrEqual(t, s.Over(), 1.02)
}

// A percentage is held within a tenth of itself over a minute of steady traffic.
func TestPercentage(t *testing.T) {
	for name, load := range map[string]func() ([]*simulate.Trace, error){
		"hotrod": scenarios.Recorded(recordings, "hotrod"), "mixed": scenarios.Recorded(recordings, "mixed"),
		"synthetic": scenarios.Made(func(o *synthetic.Options) { o.Traces = 3000 }),
	} {
		traces, err := load()
		require.NoError(t, err)
		for _, percentage := range []float64{1, 5, 20, 50} {
			t.Run(fmt.Sprintf("%s, %v %%", name, percentage), func(t *testing.T) {
				got, err := scenarios.Share(t.Context(), traces, percentage)
				require.NoError(t, err)
				t.Logf("kept %.2f %%", got)
				assert.InEpsilon(t, percentage, got, 0.1)
			})
		}
	}
}
