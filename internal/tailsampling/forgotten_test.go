package tailsampling

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracestate"
)

// Where the decision caches are too small for the late spans that come, the spans of a forgotten trace are decided again: the
// books still hold, and the thresholds are still true, because randomness comes from the id.
func TestForgottenDecisionsAreMadeAgain(t *testing.T) {
	var books counts
	now := time.Unix(1_700_000_000, 0)
	var decisions []Decision
	e := New(configured(func(c *Config) { c.Budget.Value, c.KeptCache, c.DroppedCache = 50, 4, 4 }),
		&books, observerFunc{&books, func(d *Decision) { decisions = append(decisions, *d) }}, func() time.Time { return now })
	pass := func(d time.Duration) {
		for end := now.Add(d); now.Before(end); {
			now = now.Add(tickInterval)
			e.Step()
			e.Drain(context.Background())
		}
	}
	const traces = 200
	for round := range 3 {
		for n := range traces {
			td := makeBatch(traceID(n, float64(n)/traces), spec{id: byte(round + 1), parent: byte(round), service: "shop", name: "GET /", end: time.Second})
			require.NoError(t, books.offer(t.Context(), e, td))
			pass(tickInterval)
		}
		pass(15 * time.Second)
	}
	require.NoError(t, e.Shutdown(context.Background()))
	books.requireBalanced(t)
	assert.Greater(t, len(decisions), traces*5/2, "most were forgotten")
	for _, d := range decisions {
		if d.Kept {
			assert.GreaterOrEqual(t, tracestate.IDRandomness(d.TraceID), d.Threshold)
		}
	}
}

// observerFunc is counts, with a look at each decision.
type observerFunc struct {
	*counts
	decided func(*Decision)
}

func (o observerFunc) Decided(d *Decision) {
	o.counts.Decided(d)
	o.decided(d)
}

func (observerFunc) Selected(*Stats) {}
