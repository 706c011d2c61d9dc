package alertcycle

import "time"

// Schedule is when bursts are: they begin whenever the time since the Unix epoch is a multiple of Every, and last For.
type Schedule struct{ Every, For time.Duration }

// Burst is the last one that began at or before now.
func (s Schedule) Burst(now time.Time) Burst {
	start := now.Add(-time.Duration(now.UnixNano()) % s.Every) // Time.Truncate counts from the year 1
	return Burst{Start: start, End: start.Add(s.For)}
}

// Watch follows an alert from burst to burst. It is not for concurrent use.
type Watch struct {
	schedule   Schedule
	intervals  Intervals
	receiver   string
	current    *Cycle
	quiet      time.Time // before it, what comes is of a burst that is not watched
	stray      *stray    // nil: none
	firing     time.Time // when the rule was last seen firing without a burst
	prometheus source
}

// NewWatch begins with the first whole burst after now: one that has begun already cannot be judged.
func NewWatch(s Schedule, i Intervals, receiver string, now time.Time) *Watch {
	w := &Watch{schedule: s, intervals: i, receiver: receiver}
	b := s.Burst(now)
	if b.Start.Before(now) {
		w.quiet = b.End.Add(i.Deadlines().Clear)
		b.Start, b.End = b.Start.Add(s.Every), b.End.Add(s.Every)
	}
	w.current = New(b, i.Deadlines(), receiver)
	return w
}

// Advance moves to now and returns the results of bursts that have ended for good, and of notifications without a burst.
func (w *Watch) Advance(now time.Time) []Result {
	var out []Result
	for {
		next := w.current.burst.Start.Add(w.schedule.Every)
		r := w.current.Result(now)
		if r.Outcome == Waiting || !r.settled() && now.Before(next) {
			break
		}
		out = append(out, r)
		b := Burst{Start: next, End: next.Add(w.schedule.For)}
		if latest := w.schedule.Burst(now); latest.Start.After(b.Start) { // the clock has jumped, or the process was away
			b = latest
		}
		w.current = New(b, w.intervals.Deadlines(), w.receiver)
		if !b.Start.After(now) {
			break
		}
	}
	if w.stray != nil && !now.Before(w.current.burst.Start) {
		w.stray.end(now) // what fires from now on is of the burst
	}
	if w.stray != nil && w.stray.over {
		if w.stray.confirmed {
			out = append(out, w.stray.result)
		}
		w.stray = nil
	}
	return out
}

// settled tells whether nothing can change the result any more. A missed or stuck alert is followed to the next burst, so that
// what comes of it then is not taken for the next burst's.
func (r *Result) settled() bool { return r.Outcome == Verified || r.Outcome == Late && r.Cleared >= 0 }

// Current is the burst that is being watched or awaited, as it stands.
func (w *Watch) Current(now time.Time) Result { return w.current.Result(now) }

// Notified takes in a notification. Before the burst that is awaited begins, one that fires is spurious, if it is true.
func (w *Watch) Notified(at time.Time, firing bool) {
	if !at.Before(w.current.burst.Start) {
		w.current.Notified(at, firing)
		return
	}
	switch {
	case at.Before(w.quiet):
	case firing && w.stray == nil:
		w.stray = newStray(at, w.firing, w.intervals.Deadlines())
	case !firing && w.stray != nil:
		w.stray.end(at)
	}
}
