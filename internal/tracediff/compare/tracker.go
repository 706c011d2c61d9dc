package compare

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Rules say when a change is certain, and when it is over.
type Rules struct {
	Persist int // windows in a row before a change is confirmed, and without it before it is cleared
	// Level is the probability with which a window in which nothing changed confirms a change.
	Level float64
	// Hold is for how many windows a confirmed change is compared with what was before it. Then what lasts is the new normal. 0: for
	// ever, because the baseline does not move.
	Hold int
}

// NewRules are those for a query with these thresholds and windows of this length, one of so many baselines of the query. lag is how
// far the baseline lies behind the window; 0 for one that does not move.
func NewRules(t Thresholds, window, lag time.Duration, baselines int) Rules {
	r := Rules{Persist: max(1, t.Persist), Level: 1}
	if window <= 0 {
		return r
	}
	if standard := DefaultThresholds(); t.FalseAlerts == 0 { // stored before there were these thresholds
		t.FalseAlerts, t.NewNormal = standard.FalseAlerts, standard.NewNormal
	}
	r.Level = t.FalseAlerts * window.Hours() / (7 * 24) / float64(max(1, baselines))
	if lag > 0 {
		r.Hold = max(r.Persist+1, int(max(t.NewNormal, lag)/window))
	}
	return r
}

// Tracker follows the changes of one query under one baseline from window to window. While a change is suspected its baseline is
// frozen, for the window after next would else compare new with new. Once it is confirmed, it alone is compared on with the windows
// before it, and the baseline moves on for everything else. It is not safe for concurrent use.
//
//	state      event                                                    next state
//	(none)     flagged                                                  suspected
//	suspected  flagged, persist windows in a row and surely enough      confirmed
//	suspected  tested and not flagged                                   (none)
//	confirmed  the next window                                          lasting
//	lasting    measured to be gone, for persist windows and surely      cleared, because it is gone
//	lasting    hold is over, or the baseline was replaced               cleared, because the baseline was replaced
//	cleared    the next window, and it gave way to its opposite         suspected, or confirmed if it is sure
//	cleared    the next window                                          (none)
//
// A group that is not called any more does not have the change any more, once that lasts. Not enough data leaves every state as it is,
// but that suspicion ends after a few windows.
type Tracker struct {
	rules Rules
	state trackerState
}

// trackerState is what survives a restart.
type trackerState struct {
	Open    map[string]*followed // by fingerprint
	Frozen  string               // snapshot to compare with; empty: the configured baseline
	Age     int                  // windows for which it has been frozen
	Against string               // configured baseline of the last window
	Past    []period             // in which changes held that are over, oldest first
}

// followed is a change that has been seen.
type followed struct {
	Change   Change // as it was flagged last
	Standing Standing
	Since    time.Time // when it began, as far as that is known
	Windows  int       // in a row in which it was flagged
	Run      []string  // the last of these windows, newest last
	Before   []string  // the windows before it, newest first
	Held     int       // windows since it was confirmed
	Missed   int       // windows in a row in which it was not there
	Unknown  int       // windows in a row in which there was not enough data to say
	Gone     float64   // evidence that it is over: see returned
	Size     float64   // difference of the logarithms with which it was confirmed
	Sampling float64   // variance of that difference within a window

	Away      []string  // the last of the windows in a row in which it was not there
	AwaySince time.Time // start of the first of them
	Turned    bool      // it is the opposite of a change that is over: see turn
}

// NewTracker makes a tracker that has seen nothing.
func NewTracker(r Rules) *Tracker {
	return &Tracker{rules: r, state: trackerState{Open: map[string]*followed{}}}
}

// certain tells whether a change is known to be there.
func (f *followed) certain() bool { return f.Standing == Confirmed || f.Standing == Lasting }

// byItself tells whether a change is followed by itself, against the windows before it, whatever the baseline is.
func (f *followed) byItself() bool { return f.certain() || f.Turned }

// seen notes a window in which a change was flagged.
func (f *followed) seen(window string) {
	f.Windows++
	f.Run = append(slices.Clip(f.Run), window)
	f.Run = f.Run[max(0, len(f.Run)-mostPooled):]
}

// order is that of the fingerprints, so that nothing depends on that of a map.
func (t *Tracker) order() []string { return slices.Sorted(maps.Keys(t.state.Open)) }

// suspect follows a change that was flagged and is not certain; it tells whether it has been seen often enough to be confirmed.
func (t *Tracker) suspect(c *Change, d *Diff, before []string) (f *followed, ripe bool) {
	f = t.state.Open[c.Fingerprint]
	if f != nil && f.Change.Verdict != c.Verdict {
		f = nil // the opposite is another change
	}
	if f == nil {
		f = &followed{Standing: Suspected, Since: began(c, d), Before: before}
		t.state.Open[c.Fingerprint] = f
	}
	f.Missed, f.Unknown = 0, 0
	f.seen(d.B.SnapshotID)
	f.keep(c)
	c.Standing, c.Windows, c.Since = Suspected, f.Windows, f.Since
	return f, f.Windows >= t.rules.Persist
}

// began is when a change began, as far as the windows show it.
func began(c *Change, d *Diff) time.Time {
	if !c.Onset.IsZero() {
		return c.Onset
	}
	return d.B.Start
}

// confirm makes a suspected change certain.
func (f *followed) confirm(c *Change, all *finding) {
	f.Size, f.Sampling = all.difference, all.sampling*float64(max(1, len(f.Run)))
	if all.measure == Slowest {
		// A change that few calls make is confirmed in windows in which they are more by chance. It is followed as if it were one standard error smaller,
		// or it would seem to be over when they are as many as usual.
		f.Size = max(f.Size/2, f.Size-math.Sqrt(all.sampling+all.windows))
	}
	f.Standing = Confirmed
	c.Standing = Confirmed
	f.keep(c)
}

// possible tells whether a window in which a suspected change was not flagged may have it all the same.
func (f *followed) possible(c *Change) bool {
	if c == nil || math.IsNaN(c.P) {
		return true
	}
	return c.Verdict == NotEnoughData && c.Low <= f.Change.Effect && f.Change.Effect <= c.High
}

// doubt follows a suspected change that was not flagged in a window.
func (t *Tracker) doubt(f *followed, c *Change, b *snapshot.Snapshot) {
	if f.possible(c) {
		if f.Unknown++; f.Unknown <= t.rules.Persist {
			if c != nil {
				c.Standing, c.Windows, c.Since = f.Standing, f.Windows, f.Since
			}
			return
		}
	}
	t.over(f.Since, b.Start, false)
	delete(t.state.Open, f.Change.Fingerprint)
}

// goOn follows a certain change with what was found on it in a window, against the windows before it.
func (t *Tracker) goOn(f *followed, x *finding, b *snapshot.Snapshot) Change {
	c := f.Change
	c.Onset, c.Ended, c.Exemplars = time.Time{}, time.Time{}, f.Change.Exemplars
	f.Held++
	f.Standing = Lasting
	gone, known := returned(f, x)
	c.take(x)
	switch {
	case !known:
		f.Unknown++
	default:
		f.Unknown = 0
		if f.Gone = max(0, f.Gone+gone); gone > 0 {
			f.away(b)
		} else {
			f.Missed = 0
			f.Windows++
		}
	}
	c.Fading = known && (gone > 0 || c.P > shown)
	c.Standing, c.Windows, c.Since, c.Flagged = Lasting, f.Windows, f.Since, true
	switch {
	case f.Gone >= sureGone && f.Missed >= t.rules.missed(f, x):
		c.Standing, c.Reason, c.Flagged = Cleared, IsGone, false
	case t.rules.Hold > 0 && f.Held >= t.rules.Hold:
		c.Standing, c.Reason, c.Flagged = Cleared, BaselineReplaced, false
	}
	if c.Standing == Cleared {
		if c.Reason == IsGone {
			c.Verdict, c.Ended = Same, f.AwaySince
		}
		delete(t.state.Open, c.Fingerprint)
		return c
	}
	c.Verdict = f.Change.Verdict
	return c
}

// mayBeBack is for how many times persist a group that is not called any more is expected back, as it was: after an outage.
const mayBeBack = 5

// missed is for how many windows a change has to be missed before it is over.
func (r *Rules) missed(f *followed, x *finding) int {
	if m := f.Change.Measure; x.of.b != nil || m == Presence || m == CallRate {
		return r.Persist
	}
	return mayBeBack * r.Persist
}

// shown is the p up to which a window shows a change that is known to be there.
const shown = 0.05

// replaced ends a certain change whose baseline is not the configured one any more, or whose windows before it are gone.
func (t *Tracker) replaced(f *followed) Change {
	c := f.Change
	c.Standing, c.Reason, c.Flagged = Cleared, BaselineReplaced, false
	delete(t.state.Open, f.Change.Fingerprint)
	return c
}

// longestFreeze is for how many times persist a baseline is kept for suspected changes that follow each other.
const longestFreeze = 4

// freeze decides what the next window is compared with. A baseline that is weak stays for no suspicion: all that follows would be compared
// with the little that the first seconds after a start have shown.
func (t *Tracker) freeze(d *Diff, weak bool) {
	s := &t.state
	suspects := false
	for _, f := range s.Open {
		suspects = suspects || !f.byItself()
	}
	if s.Frozen != d.A.SnapshotID {
		s.Age = 0
	}
	if !suspects || weak || s.Age >= longestFreeze*(t.rules.Persist+1) {
		s.Frozen, s.Age = "", 0
		return
	}
	s.Frozen = d.A.SnapshotID
	s.Age++
}
