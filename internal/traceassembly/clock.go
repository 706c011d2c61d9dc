package traceassembly

import (
	"sync/atomic"
	"time"
)

// Clock tells the time that has passed since it was made. It never goes back: when the clock below leaps back, it stands still
// until the next Step and goes on from there. All but Step may be called concurrently.
type Clock struct {
	wall  func() time.Time
	began time.Time
	leaps atomic.Int64 // ns that the clock below has leapt back
	last  atomic.Int64 // ns at the last Step
}

// NewClock starts at zero. wall is time.Now, or that of a test.
func NewClock(wall func() time.Time) *Clock { return &Clock{wall: wall, began: wall()} }

// Wall is the time of the clock below, wherever it leaps.
func (c *Clock) Wall() time.Time { return c.wall() }

// Began is when the clock was made.
func (c *Clock) Began() time.Time { return c.began }

// Now is the time since the start, never before that of the last Step.
func (c *Clock) Now() time.Duration { return max(c.reading(), time.Duration(c.last.Load())) }

// Step is Now for the one goroutine that acts on the passing of time. It makes up for a leap back.
func (c *Clock) Step() time.Duration {
	now, last := c.reading(), time.Duration(c.last.Load())
	if now < last {
		c.leaps.Add(int64(last - now))
		return last
	}
	c.last.Store(int64(now))
	return now
}

func (c *Clock) reading() time.Duration {
	return c.wall().Sub(c.began) + time.Duration(c.leaps.Load())
}
