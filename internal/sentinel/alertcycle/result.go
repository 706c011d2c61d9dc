package alertcycle

import "time"

// Outcome is what became of an alert in a burst.
type Outcome string

// The outcomes.
const (
	Waiting  Outcome = "waiting"  // no deadline has passed yet
	Verified Outcome = "verified" // fired, told and cleared, in time
	Missed   Outcome = "missed"   // not told
	Late     Outcome = "late"     // told, or cleared, after its deadline
	Stuck    Outcome = "stuck"    // told, but not cleared
	Spurious Outcome = "spurious" // told without a burst
	Unknown  Outcome = "unknown"  // not told, and nobody could be asked why
)

// Link is a part of the way from the burst to whoever must hear of it.
type Link string

// The links, in the order of the way.
const (
	LinkRule       Link = "rule"       // Prometheus: absent, broken, or its condition is not what it should be
	LinkDelivery   Link = "delivery"   // from Prometheus to Alertmanager
	LinkInhibition Link = "inhibition" // another alert suppresses it
	LinkSilence    Link = "silence"
	LinkRoute      Link = "route"   // to other receivers than ours
	LinkWebhook    Link = "webhook" // from Alertmanager to us
)

// Result is what was found out of a burst so far. A duration is -1 where its transition has not been seen.
type Result struct {
	Burst   Burst
	Outcome Outcome
	Broken  Link          // of an outcome that is not verified, where it can be told
	Fired   time.Duration // from the start of the burst until the rule was seen firing
	Told    time.Duration // until the notification came
	Cleared time.Duration // from the end of the burst until the notification that it is over came
}

// Result judges the cycle as of now.
func (c *Cycle) Result(now time.Time) Result {
	r := Result{
		Burst: c.burst, Fired: since(c.burst.Start, c.fired), Told: since(c.burst.Start, c.notified), Cleared: since(c.burst.End, c.resolved),
	}
	told, over := c.burst.Start.Add(c.deadlines.Notify), c.burst.End.Add(c.deadlines.Clear)
	switch {
	case c.notified.IsZero() && now.Before(told):
		r.Outcome = Waiting
	case c.notified.IsZero():
		r.Outcome, r.Broken = c.missed()
	case c.fired.IsZero() && c.denied:
		r.Outcome, r.Broken = Missed, LinkRule // whoever told of it has made it up
	case !c.resolved.IsZero() && c.resolved.Before(c.burst.End):
		r.Outcome, r.Broken = Missed, LinkRule // it did not last as long as the burst
	case c.resolved.IsZero() && now.Before(over):
		r.Outcome = Waiting
	case c.resolved.IsZero():
		r.Outcome, r.Broken = c.stuck()
	case c.fires() && now.Before(over):
		r.Outcome = Waiting // it is said to be over, and is not
	case c.fires():
		r.Outcome, r.Broken = Stuck, LinkRule
	case r.Told > c.deadlines.Notify || r.Cleared > c.deadlines.Clear:
		r.Outcome, r.Broken = Late, c.slowest(r)
	default:
		r.Outcome = Verified
	}
	return r
}

// fires is whether the rule fires, by the last answer, if there is none in vain after it.
func (c *Cycle) fires() bool {
	return c.rule == RuleFiring && c.prometheus.answered.After(c.prometheus.failed)
}

// missed finds the first link that broke.
func (c *Cycle) missed() (Outcome, Link) {
	due := c.burst.Start.Add(c.deadlines.Fire)
	asked := c.prometheus.answeredSince(due)
	switch {
	case asked && c.fired.IsZero():
		return Missed, LinkRule
	case !c.reached.IsZero() && c.inhibited:
		return Missed, LinkInhibition
	case !c.reached.IsZero() && c.silenced:
		return Missed, LinkSilence
	case !c.reached.IsZero() && !c.routed:
		return Missed, LinkRoute
	case !c.reached.IsZero():
		return Missed, LinkWebhook
	case !c.fired.IsZero() && c.alertmanager.answeredSince(c.burst.Start.Add(c.deadlines.Notify)):
		return Missed, LinkDelivery
	}
	return Unknown, ""
}

// stuck finds what still holds the alert.
func (c *Cycle) stuck() (Outcome, Link) {
	over := c.burst.End.Add(c.deadlines.Clear)
	switch {
	case c.prometheus.answeredSince(over) && c.rule == RuleFiring:
		return Stuck, LinkRule
	case c.alertmanager.answeredSince(over) && c.held.Present:
		return Stuck, LinkDelivery
	case c.alertmanager.answeredSince(over):
		return Stuck, LinkWebhook // Alertmanager has let go of it, and did not say so: send_resolved
	}
	return Unknown, ""
}

// slowest names the link that took more than its time.
func (c *Cycle) slowest(r Result) Link {
	switch {
	case r.Told > c.deadlines.Notify && r.Fired > c.deadlines.Fire:
		return LinkRule
	case r.Told > c.deadlines.Notify:
		return LinkWebhook
	case !c.quiet.IsZero() && c.quiet.Sub(c.burst.End) > c.deadlines.Clear:
		return LinkRule
	}
	return LinkWebhook
}

func since(from, to time.Time) time.Duration {
	if to.IsZero() {
		return -1
	}
	return to.Sub(from)
}
