package window

import "time"

// watch follows the wall clock: a leap back opens windows again, a gap makes those that it touches partial.
func (e *Engine) watch(wall time.Time) {
	now, last := wall.UnixNano(), e.lastWall.Load()
	if last == 0 || e.cfg.replayEnd != 0 {
		return
	}
	for _, c := range e.calendars() {
		switch gap := time.Duration(now - last); {
		case gap < -leap:
			c.rewind(now)
		case gap > max(leastGap, sliceLength(c.Window)):
			c.missed(last, now)
		}
	}
}

const (
	leap     = time.Second      // by how much a clock may be set back without notice
	leastGap = 10 * time.Second // Step is called far more often
)
