package alertcycle

import "time"

// Burst is when an alert has to fire, and to clear after.
type Burst struct{ Start, End time.Time }

// Rule is what Prometheus says of the alerting rule.
type Rule string

// The states of a rule.
const (
	RuleAbsent   Rule = "absent" // no such rule is loaded
	RuleBroken   Rule = "broken" // its expression cannot be evaluated
	RuleInactive Rule = "inactive"
	RulePending  Rule = "pending"
	RuleFiring   Rule = "firing"
)

// Held is what Alertmanager says of the alert.
type Held struct {
	Present   bool // it has the alert
	Inhibited bool // by another alert
	Silenced  bool
	Receivers []string
}

// Cycle gathers what is seen of one burst. Times are those of one clock.
type Cycle struct {
	burst     Burst
	deadlines Deadlines
	receiver  string // that is routed to our webhook; "" where any may be

	prometheus   source
	rule         Rule
	fired        time.Time // first seen firing
	quiet        time.Time // first seen not firing after that
	denied       bool      // seen not firing while it must have fired
	alertmanager source
	held         Held      // as last seen
	reached      time.Time // Alertmanager first seen with it
	inhibited    bool      // ever, since the burst began
	silenced     bool
	routed       bool // to our receiver, ever
	notified     time.Time
	resolved     time.Time
}

// source is one of the servers that are asked.
type source struct{ answered, failed time.Time }

// New begins to watch a burst. receiver is the name of Alertmanager's receiver whose webhook is ours, where it is known.
func New(b Burst, d Deadlines, receiver string) *Cycle {
	return &Cycle{burst: b, deadlines: d, receiver: receiver}
}

// SawRule takes in what Prometheus answers.
func (c *Cycle) SawRule(at time.Time, r Rule) {
	c.prometheus.answered = at
	c.rule = r
	if at.Before(c.burst.Start) {
		return
	}
	if r != RuleFiring && !at.Before(c.burst.Start.Add(c.deadlines.Fire)) && at.Before(c.burst.End) {
		c.denied = true
	}
	switch {
	case r == RuleFiring && c.fired.IsZero():
		c.fired = at
	case r == RuleFiring:
		c.quiet = time.Time{}
	case !c.fired.IsZero() && c.quiet.IsZero():
		c.quiet = at
	}
}

// SawHeld takes in what Alertmanager answers.
func (c *Cycle) SawHeld(at time.Time, h Held) {
	c.alertmanager.answered = at
	c.held = h
	if at.Before(c.burst.Start) || !h.Present {
		return
	}
	if c.reached.IsZero() {
		c.reached = at
	}
	c.inhibited = c.inhibited || h.Inhibited
	c.silenced = c.silenced || h.Silenced
	for _, r := range h.Receivers {
		c.routed = c.routed || c.receiver == "" || r == c.receiver
	}
}

// PrometheusFailed takes in that Prometheus did not answer; AlertmanagerFailed that Alertmanager did not.
func (c *Cycle) PrometheusFailed(at time.Time) { c.prometheus.failed = at }

// AlertmanagerFailed is told of a question without an answer.
func (c *Cycle) AlertmanagerFailed(at time.Time) { c.alertmanager.failed = at }

// Notified takes in a notification at the webhook: firing, or that it is over. Anybody who reaches the webhook can send one: what
// Prometheus contradicts does not count.
func (c *Cycle) Notified(at time.Time, firing bool) {
	switch {
	case at.Before(c.burst.Start):
	case firing && c.notified.IsZero():
		c.notified = at
	case firing && !c.resolved.IsZero() && c.rule != RuleFiring && c.prometheus.answeredSince(c.resolved):
	case firing:
		c.resolved = time.Time{} // it has come back
	case at.Before(c.burst.End) && c.rule == RuleFiring && c.prometheus.answeredSince(c.notified):
	case !c.notified.IsZero() && c.resolved.IsZero():
		c.resolved = at
	}
}

// answeredSince tells whether the server answered at or after a moment.
func (s source) answeredSince(t time.Time) bool { return !s.answered.Before(t) && !s.answered.IsZero() }
