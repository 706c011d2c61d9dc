package tracesketch

import (
	"math"
	"time"
)

// stepsPerHalfLife is how finely decay is applied: each step multiplies by 2^(-1/16), about -4 %.
const stepsPerHalfLife = 16

// Decay is the clock of exponential forgetting that many sketches and meters share. They apply it lazily, when touched.
type Decay struct {
	step  time.Duration
	start time.Time
	epoch int32
}

// NewDecay starts a decay in which weights halve every halfLife.
func NewDecay(halfLife time.Duration, now time.Time) *Decay {
	return &Decay{step: max(halfLife/stepsPerHalfLife, time.Millisecond), start: now}
}

// Advance moves to now. Time that goes backwards is ignored.
func (d *Decay) Advance(now time.Time) {
	e := now.Sub(d.start) / d.step
	d.epoch = max(d.epoch, int32(min(e, math.MaxInt32)))
}

// Factor is what a weight of an earlier epoch is worth now.
func (d *Decay) Factor(epoch int32) float64 {
	return math.Exp2(-float64(d.epoch-epoch) / stepsPerHalfLife)
}

// Epoch is the number of the current step.
func (d *Decay) Epoch() int32 { return d.epoch }
