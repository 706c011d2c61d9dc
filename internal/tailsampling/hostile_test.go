package tailsampling

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever comes in, in whatever pieces and at whatever times: nothing breaks, and every span goes one way.
func TestHostileBatchesAreAccountedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHarness(t, hostileConfig(t))
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			h.send(hostileBatches(hostileStates).Draw(t, "batch"))
			h.pass(rapid.SampledFrom([]time.Duration{
				0, tickInterval, 120 * time.Millisecond, 2 * time.Second, 11 * time.Second,
			}).Draw(t, "pause"))
		}
		h.finish()
	})
}
