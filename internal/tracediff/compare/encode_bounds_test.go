package compare

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A change without bounds, such as the ratio to nothing, does not keep a tracker from being saved.
func TestTrackerOfUnboundedChangeIsSaved(t *testing.T) {
	tr := NewTracker(TrackerSettings{Persist: 2, Hold: 6, FDR: 0.05, Horizon: 100})
	d := &Diff{Changes: []Change{{
		Identity: snapshot.Identity{Kind: snapshot.Service, Value: "cart"}, Measure: CallRate, Verdict: MoreCalls, Flagged: true,
		Effect: math.Inf(1), Low: 2, High: math.Inf(1), Q: 0,
	}}}
	d.Name("d1", "q1", "previous", d.CalculatedAt)
	tr.Update(d)
	saved, err := json.Marshal(tr)
	require.NoError(t, err)
	restored := NewTracker(tr.settings)
	require.NoError(t, json.Unmarshal(saved, restored))
	assert.Len(t, restored.state.Open, 1)
	assert.True(t, math.IsInf(d.Changes[0].Effect, 1), "the diff itself keeps it")
	assert.InDelta(t, 11.46, score(0), 0.01, "a p of nothing counts as one of 1e-30")
	assert.InDelta(t, 1.645, score(0.05), 0.001)
}
