package tailsampling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two engines in one process share nothing: the same trace in both, one of them flooded, is decided by each on its own.
func TestEnginesShareNothing(t *testing.T) {
	same := func(c *Config) { c.Shards = 1 } // which shard a trace goes to is random, and with it the order of sums
	alone, quiet := newHarness(t, same), newHarness(t, same)
	busy := newHarness(t, func(c *Config) { c.Budget.Value, c.MemoryLimit = 1, 16<<20 })
	for n := range 3000 {
		id := traceID(n, float64(n%100)/100)
		busy.send(simple(id, time.Duration(n)*time.Millisecond))
		busy.pass(10 * time.Millisecond)
		if n%10 == 0 {
			for _, h := range []*harness{alone, quiet} {
				h.send(simple(id, time.Millisecond))
				h.pass(100 * time.Millisecond)
			}
		}
	}
	require.Equal(t, alone.engine.Stats(), quiet.engine.Stats())
	assert.Positive(t, busy.engine.Stats().Paths)
	busy.finish()
	late := traceID(5000, 0.5)
	quiet.send(simple(late, time.Millisecond))
	for _, h := range []*harness{alone, quiet} {
		h.finish()
	}
	assert.Contains(t, quiet.decisions, late, "the other one's shutdown is not ours")
	delete(quiet.decisions, late)
	for id, d := range alone.decisions {
		if d.Reason != "shutdown" {
			assert.Equal(t, d, quiet.decisions[id])
		}
	}
	_, known := quiet.engine.OperationName(alone.order[0].Endpoint)
	assert.True(t, known)
	assert.Empty(t, newHarness(t, nil).engine.intake.operations.names)
}
