package tailsampling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// offer lets so many traces of ten tokens a second come up for decision, for so long.
func offer(s *selector, perSecond int, long time.Duration) {
	for range int(long / selectInterval) {
		n := perSecond / int(time.Second/selectInterval)
		s.remember(selectInterval, n, float64(10*n)/2, float64(10*n)/2)
	}
}

// The end of a burst is noticed within seconds, not when the rates have forgotten it.
func TestRatesFallAfterABurst(t *testing.T) {
	s := newSelector(Budget{Unit: SpansPerSecond, Value: 100}, 0.2, Interest{})
	offer(s, 50, 20*time.Second)
	assert.InEpsilon(t, 500, s.offered+s.sure, 0.01)
	offer(s, 2000, 20*time.Second)
	assert.InEpsilon(t, 20_000, s.offered+s.sure, 0.05)
	assert.InEpsilon(t, s.offered, s.sure, 1e-9)
	offer(s, 50, 4*time.Second)
	assert.Less(t, s.offered+s.sure, 2000.0, "over 9,000 if it were only forgotten")
	assert.InEpsilon(t, s.offered, s.sure, 1e-9, "a percentage stays the same")
}

// A few small traces after large ones are no fall.
func TestRatesDoNotFallByChance(t *testing.T) {
	s := newSelector(Budget{Unit: SpansPerSecond, Value: 100}, 0.2, Interest{})
	for range 10 {
		s.remember(selectInterval, 1, 1000, 0)
	}
	before := s.offered
	for range 10 {
		s.remember(selectInterval, 1, 1, 0)
	}
	assert.Greater(t, s.offered, before/2)
}
