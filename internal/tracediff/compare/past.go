package compare

import (
	"context"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// period is a time in which a change held. Its windows are no measure of what is usual: against them, the end of the change would be
// another one.
type period struct {
	From, Until time.Time
	Stays       bool // what held then is usual by now, and what was before is not
}

// mostPeriods is how many are remembered.
const mostPeriods = 100

// over notes that a change held from one time until another.
func (t *Tracker) over(from, until time.Time, stays bool) {
	past := t.state.Past
	if n := len(past); n > 0 && !past[n-1].Until.Before(from) { // of the same fault, mostly
		if from.Before(past[n-1].From) {
			past[n-1].From = from
		}
		past[n-1].Until, past[n-1].Stays = until, past[n-1].Stays || stays
		return
	}
	past = append(past, period{from, until, stays})
	t.state.Past = past[max(0, len(past)-mostPeriods):]
}

// changed is the last period in which a change held in a window, or in a part of it; nil if none did.
func (t *Tracker) changed(s *snapshot.Snapshot) *period {
	for i := len(t.state.Past) - 1; i >= 0; i-- {
		if p := &t.state.Past[i]; s.Start.Before(p.Until) && s.End.After(p.From) {
			return p
		}
	}
	return nil
}

// baseline is the window to compare the next one with: the one that a suspicion froze, or the configured one; nil if there is none.
func (t *Tracker) baseline(ctx context.Context, configured *snapshot.Snapshot, w Windows) (*snapshot.Snapshot, error) {
	if t.state.Frozen != "" {
		frozen, err := w.Snapshot(ctx, t.state.Frozen)
		if err != nil {
			return nil, err
		}
		if frozen != nil {
			configured = frozen
		}
	}
	return t.usual(ctx, configured, w)
}

// usual is a window to compare with. Where the baseline moves, and a change held in the window that is over, it is the one before the change:
// or else the end of the change would be another one.
func (t *Tracker) usual(ctx context.Context, a *snapshot.Snapshot, w Windows) (*snapshot.Snapshot, error) {
	if a == nil || t.rules.Hold == 0 {
		return a, nil
	}
	at := a
	for range mostPassed {
		past := t.changed(at)
		if past == nil {
			return at, nil
		}
		if past.Stays {
			break
		}
		from := past.From
		if at.Start.Before(from) {
			from = at.Start
		}
		s, err := w.Before(ctx, from)
		if err != nil {
			return nil, err
		}
		if s == nil || s.State != snapshot.Complete || s.Slice != a.Slice || idle(s) {
			break
		}
		at = s
	}
	return a, nil
}
