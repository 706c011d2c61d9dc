package verify

import "time"

// Instant is a moment on two clocks.
type Instant struct {
	Wall time.Time     // what the machine believes the time to be; it may step in either direction
	Mono time.Duration // since some beginning; it never goes back
}

// Clock returns a function that reads both clocks.
func Clock() func() Instant {
	start := time.Now()
	return func() Instant {
		now := time.Now()
		return Instant{Wall: now.Round(0), Mono: now.Sub(start)}
	}
}

// longestStep is how much time may pass between two looks at the clock. What is beyond it is time in which the process was
// stopped, or had no processor: spans may have waited for it all the while.
const longestStep = 2 * time.Second

// clock is time awake: monotonic, without what is beyond longestStep. It has to be asked at least once a second.
type clock struct {
	awake   time.Duration
	slept   time.Duration // what is beyond
	woke    time.Duration // awake, after the process was last stopped, or the wall clock set ahead
	mono    time.Duration
	wall    time.Time
	started bool
}

func (c *clock) advance(now Instant) time.Duration {
	if c.started {
		passed := max(0, now.Mono-c.mono)
		lived := min(passed, longestStep)
		c.awake += lived
		c.slept += passed - lived
		if passed > lived || now.Wall.Sub(c.wall)-passed > drift {
			c.woke = c.awake
		}
	}
	c.mono, c.wall, c.started = max(c.mono, now.Mono), now.Wall, true
	return c.awake
}

// Limits of a timeline.
const (
	ahead = 5 * time.Second // how far before its time something may come
	drift = time.Second     // less than this is no step of the clock
)

// timeline is the time by which a generator counts its slots, as far as can be told from here. It goes on evenly whatever the
// wall clock here does.
type timeline struct{ zero time.Time }

// now is the present.
func (l *timeline) now(c *clock) time.Time { return l.zero.Add(c.awake + c.slept) }

// awake is the moment on the awake clock from which something is waited for that was sent at t, and of which nothing was
// known until now: not earlier than when the verifier awoke.
func (l *timeline) awake(c *clock, t time.Time) time.Duration {
	return max(c.woke, t.Sub(l.zero)-c.slept)
}

func (l *timeline) set(c *clock) { l.zero = c.wall.Add(-c.awake - c.slept) }

// follow lets the timeline go with the wall clock while it goes steadily.
func (l *timeline) follow(c *clock) {
	if l.zero.IsZero() || c.wall.Sub(l.now(c)).Abs() < drift {
		l.set(c)
	}
}

// fits says whether something that was sent at t can arrive now, if nothing older than keep does. Where it cannot, but could if
// the wall clock were right, the timeline was wrong, since the clock there, or here, was set: then it is set, too.
func (l *timeline) fits(c *clock, t time.Time, keep time.Duration) bool {
	if age := l.now(c).Sub(t); age >= -ahead && age <= keep {
		return true
	}
	if age := c.wall.Sub(t); age >= -ahead && age <= keep {
		l.set(c)
		return true
	}
	return false
}
