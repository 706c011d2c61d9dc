package compare

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// describe fills in what a reader wants to know of a cause.
func (e *explainer) describe() {
	d := e.diff
	deployed := deployments(d.A.Versions, d.B.Versions)
	for i := range d.Causes {
		c := &d.Causes[i]
		c.Symptom = e.symptom(c)
		if c.Measure == Waiting && e.waiting(c) < 2 {
			c.Kind = OnTheWay
		}
		c.Onset, c.Ended = d.onset(c), d.Changes[c.Main].Ended
		if c.Deployed = deployed[c.Service]; c.Deployed == nil {
			c.Deployed = e.deployedCaller(c, deployed)
		}
	}
	d.because()
}

// waiting is how many services wait longer for the service of a cause, or shorter; or, where the cause is in who waits, for how many
// services it does.
func (e *explainer) waiting(c *Cause) int {
	others := map[string]bool{}
	for i := range e.diff.Changes {
		o := &e.diff.Changes[i]
		if o.Measure != Waiting || o.CallerService == o.Service || !(o.P <= evident) || (o.Effect > 1) != (c.Verdict == Slower) {
			continue
		}
		switch c.Service {
		case o.Service:
			others[o.CallerService] = true
		case o.CallerService:
			if c.Site.CallerService == c.Service {
				others[o.Service] = true
			}
		}
	}
	return len(others)
}

// symptom is the number of the change that users notice most of those that follow from a cause: of an operation that nobody calls, by
// preference, or of all traces; -1 where none follows.
func (e *explainer) symptom(c *Cause) int {
	for _, n := range c.Explains {
		o := &e.diff.Changes[n]
		if o.Kind == snapshot.Operation && o.Measure == noticed(c.Measure) && e.graph.entry(operation{o.Service, o.Value}) {
			return n
		}
	}
	if len(c.Explains) == 0 {
		return -1
	}
	for _, n := range c.Explains {
		if o := &e.diff.Changes[n]; o.Kind == snapshot.Total && c.Measure == CallRate {
			return n
		}
	}
	return c.Explains[0]
}

// noticed is what users notice of a change of a measure: that they wait, unless it is errors.
func noticed(m Measure) Measure {
	if m == Errors || m == Slowest {
		return m
	}
	return Latency
}

// onset is when the main change of a cause began, else the first of those that follow; zero where that is not known of any.
func (d *Diff) onset(c *Cause) time.Time {
	began := d.Changes[c.Main].Onset
	if !began.IsZero() {
		return began
	}
	for _, n := range c.Explains {
		if o := d.Changes[n].Onset; !o.IsZero() && (began.IsZero() || o.Before(began)) {
			began = o
		}
	}
	return began
}

// deployedCaller is a deployment of who calls where it happened: at the site, or anew; nil if there is none.
func (e *explainer) deployedCaller(c *Cause, deployed map[string]*Deployment) *Deployment {
	if c.Site.Kind == snapshot.Edge {
		return deployed[c.Site.CallerService]
	}
	if !e.diff.Changes[c.Main].ofCalls() {
		return nil
	}
	for _, n := range c.Explains {
		o := &e.diff.Changes[n]
		if d := deployed[o.CallerService]; d != nil && o.Kind == snapshot.Edge && o.ofCalls() && o.Service == c.Service {
			return d
		}
	}
	return nil
}
