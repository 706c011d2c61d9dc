package alertcycle

import "time"

// stray is a notification that fires without a burst. Anybody who reaches the webhook can send one, so it counts only once a
// server confirms it: Prometheus, or Alertmanager where Prometheus does not answer.
type stray struct {
	result    Result
	confirmed bool
	over      bool
}

// newStray begins one. firing is when the rule was last seen firing without a burst; the notification may come after that.
func newStray(at, firing time.Time, d Deadlines) *stray {
	return &stray{
		result:    Result{Burst: Burst{Start: at, End: at}, Outcome: Spurious, Broken: LinkRule, Fired: -1, Cleared: -1},
		confirmed: !firing.IsZero() && at.Sub(firing) <= d.Notify,
	}
}

// seen takes in whether a server says that it fires.
func (s *stray) seen(at time.Time, firing bool) {
	if firing {
		s.confirmed = s.confirmed || !s.over
		return
	}
	s.end(at)
}

func (s *stray) end(at time.Time) {
	if !s.over {
		s.over, s.result.Cleared = true, at.Sub(s.result.Burst.Start)
	}
}

// idle is whether no burst is under way, nor what is left of one.
func (w *Watch) idle(at time.Time) bool {
	return at.Before(w.current.burst.Start) && !at.Before(w.quiet)
}

// Stray is a spurious alert that fires now, nil where there is none.
func (w *Watch) Stray() *Result {
	if w.stray == nil || !w.stray.confirmed {
		return nil
	}
	return &w.stray.result
}

// SawRule takes in what Prometheus answers.
func (w *Watch) SawRule(at time.Time, r Rule) {
	w.prometheus.answered = at
	if w.stray != nil {
		w.stray.seen(at, r == RuleFiring)
	}
	if r == RuleFiring && w.idle(at) {
		w.firing = at
	}
	w.current.SawRule(at, r)
}

// SawHeld takes in what Alertmanager answers.
func (w *Watch) SawHeld(at time.Time, h Held) {
	if w.stray != nil && w.prometheus.failed.After(w.prometheus.answered) {
		w.stray.seen(at, h.Present)
	}
	w.current.SawHeld(at, h)
}

// PrometheusFailed takes in that Prometheus did not answer.
func (w *Watch) PrometheusFailed(at time.Time) {
	w.prometheus.failed = at
	w.current.PrometheusFailed(at)
}

// AlertmanagerFailed takes in that Alertmanager did not answer.
func (w *Watch) AlertmanagerFailed(at time.Time) { w.current.AlertmanagerFailed(at) }
