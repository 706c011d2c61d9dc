package generator

import "time"

// timeline is the wall clock, but never goes back.
type timeline struct {
	clock      func() time.Time
	read, last time.Time
}

func newTimeline(clock func() time.Time) *timeline {
	t := clock()
	return &timeline{clock: clock, read: t, last: t.Round(0)}
}

// now goes on by the time that has passed, for which a clock with a monotonic reading is asked, or to the wall clock where
// that is later.
func (t *timeline) now() time.Time {
	read := t.clock()
	passed := max(0, read.Sub(t.read))
	t.read = read
	t.last = t.last.Add(passed)
	if wall := read.Round(0); wall.After(t.last) {
		t.last = wall
	}
	return t.last
}
