package window

import (
	"sync"
	"time"
)

// clock tells two times: the wall's, which windows follow wherever it leaps, and the time that has passed, which never goes
// back and which waits follow.
type clock struct {
	now   func() time.Time
	mu    sync.Mutex // guards everything below
	began time.Time
	last  time.Duration
	leaps time.Duration // that the wall has gone back, where now has no monotonic reading
}

func (c *clock) start(now func() time.Time) { c.now, c.began = now, now() }

func (c *clock) wall() time.Time { return c.now() }

// elapsed is the time since start.
func (c *clock) elapsed() time.Duration {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	t := now.Sub(c.began) + c.leaps
	if t < c.last {
		c.leaps += c.last - t
		t = c.last
	}
	c.last = t
	return t
}
