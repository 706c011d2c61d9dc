package compare

import (
	"cmp"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// TrackerSettings say when a change is certain, and for how long it is remembered what was before it.
type TrackerSettings struct {
	Persist int // windows in a row before a change is confirmed, and without it before it is cleared
	// Hold is for how many windows after a confirmation the window before the change stays the baseline. Then the baseline
	// moves on: what lasts is the new normal, and is cleared. 0 for baselines that lie so far back that a change does not
	// reach them soon.
	Hold    int
	FDR     float64 // rate of false confirmations within a horizon
	Horizon int     // windows; see Online
}

// DefaultHold is Hold for the baseline "previous".
const DefaultHold = 6

// NewTrackerSettings are those for a query with these thresholds and windows of this length, under a baseline that lies lag
// before the window; one window for "previous".
func NewTrackerSettings(t Thresholds, window, lag time.Duration) TrackerSettings {
	s := TrackerSettings{Persist: max(1, t.Persist), FDR: t.FDR, Horizon: 144}
	if window > 0 {
		s.Horizon = max(1, int(24*time.Hour/window))
	}
	if lag < (DefaultHold+1)*window {
		s.Hold = DefaultHold
	}
	return s
}

// Tracker follows the changes of one query under one baseline from window to window. A suspected change freezes its baseline
// until it is confirmed or refuted, for the window after next would else compare new with new. It is not safe for concurrent
// use.
//
//	          flagged              persist windows in a row,       flagged again
//	(nothing) -------> suspected -- and surely enough --> confirmed ----------> explained
//	    ^                  |                                  |                    |
//	    +--- not flagged --+                                  +-- persist windows --+
//	    +<-------------------- cleared <----------------------+   without it
type Tracker struct {
	settings TrackerSettings
	state    trackerState
}

// trackerState is what survives a restart.
type trackerState struct {
	Open   map[string]*followed // by fingerprint
	Frozen string               // snapshot to compare with; empty: the configured baseline
	Age    int                  // windows for which it has been frozen
	Quiet  int                  // windows since the last confirmation
	Online Online
}

// followed is a change that has been seen.
type followed struct {
	Change   Change // as it was flagged last, for when nothing is left to say about it
	Standing Standing
	Since    time.Time
	Run      run
	Missed   int // windows in a row in which it was not flagged
	Unknown  int // windows in a row in which there was not enough data to say
}

// NewTracker makes a tracker that has seen nothing.
func NewTracker(s TrackerSettings) *Tracker {
	t := &Tracker{settings: s}
	t.state.Open = map[string]*followed{}
	t.state.Online = Online{Rate: s.FDR, Horizon: s.Horizon}
	return t
}

// Baseline is the id of the snapshot to compare the next window with, while a change froze it; else "", and the configured
// baseline holds. If that snapshot is gone, compare with any other.
func (t *Tracker) Baseline() string { return t.state.Frozen }

// Update takes in the diff of a window and says of its changes how long they have been seen. Changes that are cleared
// because the diff has nothing on them any more are appended to it. Call it once for each window, in order, after Diff.Name.
func (t *Tracker) Update(d *Diff) {
	s := &t.state
	level := s.Online.Level()
	seen := make(map[string]bool, len(s.Open))
	confirmed := false
	for i := range d.Changes {
		c := &d.Changes[i]
		f := s.Open[c.Fingerprint]
		if f == nil && !c.Flagged {
			continue
		}
		seen[c.Fingerprint] = true
		switch {
		case c.Flagged:
			confirmed = t.flagged(c, f, d.B.Start, level) || confirmed
		case !told(c):
			t.unknown(c, f)
		default:
			t.missed(c, f)
		}
	}
	t.absent(d, seen)
	s.Online.Record(confirmed)
	t.freeze(d, confirmed)
}

// told tells whether a diff could say anything on a change.
func told(c *Change) bool {
	return c.Verdict != NotEnoughData || c.P < 1 || c.A.Traces >= minTraces && c.B.Traces >= minTraces
}

// flagged follows a change that was flagged; it tells whether that confirms it.
func (t *Tracker) flagged(c *Change, f *followed, start time.Time, level float64) bool {
	turned := f != nil && f.Change.Verdict != c.Verdict
	if turned && f.Standing != Suspected {
		t.clear(c, f) // the opposite change begins with the next window
		return false
	}
	if f == nil || turned {
		f = &followed{Standing: Suspected, Since: start}
		t.state.Open[c.Fingerprint] = f
	}
	f.Missed, f.Unknown = 0, 0
	f.Run.add(c.Q)
	confirmed := false
	switch {
	case f.Standing != Suspected:
		f.Standing = Explained
	case f.Run.Windows >= t.settings.Persist && f.Run.p() <= level:
		f.Standing = Confirmed
		confirmed = true
	}
	c.Standing, c.Windows, c.Since = f.Standing, f.Run.Windows, f.Since
	f.Change = *c
	return confirmed
}

// missed follows a change that is there no more. A suspected one is refuted by one window.
func (t *Tracker) missed(c *Change, f *followed) {
	f.Missed++
	f.Unknown = 0
	if f.Standing == Suspected {
		delete(t.state.Open, c.Fingerprint)
		return
	}
	if f.Missed >= t.settings.Persist {
		t.clear(c, f)
		return
	}
	c.Standing, c.Windows, c.Since = Explained, f.Run.Windows, f.Since
	f.Standing = Explained
}

// unknown follows a change on which there is not enough data: that neither refutes nor clears it, for a while.
func (t *Tracker) unknown(c *Change, f *followed) {
	f.Unknown++
	if f.Unknown > max(t.settings.Persist, t.settings.Hold) {
		if f.Standing == Suspected {
			delete(t.state.Open, c.Fingerprint)
			return
		}
		t.clear(c, f)
		return
	}
	if f.Standing == Confirmed {
		f.Standing = Explained
	}
	c.Standing, c.Windows, c.Since = f.Standing, f.Run.Windows, f.Since
}

func (t *Tracker) clear(c *Change, f *followed) {
	c.Standing, c.Windows, c.Since = Cleared, f.Run.Windows, f.Since
	delete(t.state.Open, c.Fingerprint)
}

// absent follows the changes that a diff says nothing about: neither side has the group, or both have what was new or
// missing.
func (t *Tracker) absent(d *Diff, seen map[string]bool) {
	there := map[snapshot.Identity]bool{}
	for i := range d.Changes {
		if told(&d.Changes[i]) {
			there[d.Changes[i].Identity] = true
		}
	}
	var gone []string
	for fingerprint := range t.state.Open {
		if !seen[fingerprint] {
			gone = append(gone, fingerprint)
		}
	}
	slices.SortFunc(gone, cmp.Compare[string])
	for _, fingerprint := range gone {
		f := t.state.Open[fingerprint]
		c := f.Change
		c.Verdict, c.Flagged, c.Standing = NotEnoughData, false, ""
		if c.Measure == Presence || there[c.Identity] {
			c.Verdict = Same // there is the group, but nothing to test: both sides have it, or neither has an error
			t.missed(&c, f)
		} else {
			t.unknown(&c, f)
		}
		if c.Standing == Cleared {
			d.Changes = append(d.Changes, c)
		}
	}
}

// longest is for how many holds in all a baseline is kept, however many changes follow each other.
const longest = 2

// freeze decides what the next window is compared with.
func (t *Tracker) freeze(d *Diff, confirmed bool) {
	s := &t.state
	suspects, certain := 0, 0
	for _, f := range s.Open {
		if f.Standing == Suspected {
			suspects++
		} else {
			certain++
		}
	}
	s.Quiet++
	if confirmed {
		s.Quiet = 0
	}
	if s.Frozen != d.A.SnapshotID {
		s.Frozen, s.Age = "", 0
	}
	held := certain > 0 && s.Quiet < t.settings.Hold
	if suspects == 0 && !held || s.Age >= longest*max(t.settings.Hold, t.settings.Persist+1) {
		s.Frozen, s.Age = "", 0
		return
	}
	s.Frozen = d.A.SnapshotID
	s.Age++
}
