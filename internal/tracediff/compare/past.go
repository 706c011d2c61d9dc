package compare

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// period is a time in which a change held. Its windows are no measure of what is usual: against them, the end of the change would be
// another one.
type period struct{ From, Until time.Time }

// mostPeriods is how many are remembered.
const mostPeriods = 100

// over notes that a change held from one time until another.
func (t *Tracker) over(from, until time.Time) {
	past := t.state.Past
	if n := len(past); n > 0 && !past[n-1].Until.Before(from) { // of the same fault, mostly
		if from.Before(past[n-1].From) {
			past[n-1].From = from
		}
		past[n-1].Until = until
		return
	}
	past = append(past, period{from, until})
	t.state.Past = past[max(0, len(past)-mostPeriods):]
}

// changed tells whether a change held in a window, or in a part of it, that is over.
func (t *Tracker) changed(s *snapshot.Snapshot) bool {
	for _, p := range t.state.Past {
		if s.Start.Before(p.Until) && s.End.After(p.From) {
			return true
		}
	}
	return false
}
