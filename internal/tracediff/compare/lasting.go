package compare

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// because notes in each flagged change the cause that it belongs to.
func (d *Diff) because() {
	for i := range d.Causes {
		c := &d.Causes[i]
		main := d.Changes[c.Main].Fingerprint
		for _, n := range append([]int{c.Main}, c.Explains...) {
			if o := &d.Changes[n]; o.Flagged {
				o.Cause, o.Culprit, o.Deployed, o.CauseKind, o.Was = main, c.Service, c.Deployed, c.Kind, c.Was
			}
		}
	}
}

// addLasting adds changes that were confirmed earlier, behind those that are flagged against the baseline, under the causes that they
// were confirmed with. Those causes come first. What was just found and follows from one of them, or is of the same service, is part of the same
// story if it began at about the same time.
func (d *Diff) addLasting(lasting []Change, match []pair) {
	if len(lasting) == 0 {
		return
	}
	flagged := len(d.flagged())
	all := make([]Change, 0, len(d.Changes)+len(lasting))
	all = append(append(append(all, d.Changes[:flagged]...), lasting...), d.Changes[flagged:]...)
	for i := range d.Causes {
		if c := &d.Causes[i]; c.Main >= flagged { // the others are flagged, and stay where they are
			c.Main += len(lasting)
		}
	}
	d.Changes = all
	causes := d.lastingCauses(flagged, flagged+len(lasting))
	if flagged > 0 {
		d.adopt(causes, flagged, match)
	}
	old := len(causes)
	for i := range d.Causes {
		c := &d.Causes[i]
		o := d.ofService(causes[:old], c)
		if o == nil {
			causes = append(causes, *c)
			continue
		}
		for _, n := range append([]int{c.Main}, c.Explains...) {
			if d.Changes[n].Flagged {
				o.Explains = append(o.Explains, n)
			}
		}
	}
	for i := range causes[:old] {
		if c := &causes[i]; c.Symptom < 0 && len(c.Explains) > 0 {
			c.Symptom = c.Explains[0]
		}
	}
	d.Causes = causes
	d.because()
}

// sameTime is for how many windows after a change those that follow from it may be found: small ones take longer to be noticed.
const sameTime = 12

// adopt moves flagged changes under the lasting causes that they follow from, where both began at about the same time. Their cause is not
// among what is flagged any more, and others would be taken for it.
func (d *Diff) adopt(lasting []Cause, flagged int, match []pair) {
	graph := newCallGraph(match)
	follow := newConsequences(d.Changes[:flagged], graph)
	adopted := make([]bool, flagged)
	for i := range lasting {
		c := &lasting[i]
		roots := graph.roots(nil, &c.Site)
		for _, n := range c.Explains {
			if o := &d.Changes[n]; o.ServiceName() == c.Service {
				roots = graph.roots(roots, &o.Identity)
			}
		}
		from, until := d.times(c)
		found, _ := follow.find(&origin{
			services: []string{c.Service}, slow: c.slow(), up: graph.reach(roots, graph.callers, nil), down: graph.reach(roots, graph.callees, nil), view: c.isView(),
		})
		for _, n := range found {
			if o := &d.Changes[n]; !adopted[n] && !o.Since.Before(from) && !o.Since.After(until) {
				adopted[n] = true
				c.Explains = append(c.Explains, n)
			}
		}
	}
	var left []Cause
	for _, c := range d.Causes {
		c.Explains = slices.DeleteFunc(slices.Clone(c.Explains), func(n int) bool { return n < flagged && adopted[n] })
		if c.Main >= flagged && len(c.Explains) == 0 {
			continue // what it was to explain is explained
		}
		if c.Main < flagged && adopted[c.Main] {
			if len(c.Explains) == 0 {
				continue
			}
			c.about(&d.Changes[c.Explains[0]], c.Explains[0])
			c.Explains = c.Explains[1:]
		}
		if c.Symptom >= 0 && !slices.Contains(c.Explains, c.Symptom) {
			c.Symptom = -1
		}
		if c.Symptom < 0 && len(c.Explains) > 0 {
			c.Symptom = c.Explains[0]
		}
		left = append(left, c)
	}
	d.Causes = left
}

// lastingCauses groups the changes from one number up to another by the causes that they were confirmed with.
func (d *Diff) lastingCauses(from, until int) (causes []Cause) {
	at := map[string]int{}
	for n := from; n < until; n++ {
		c := &d.Changes[n]
		i, ok := at[c.Cause]
		if !ok {
			at[c.Cause] = len(causes)
			causes = append(causes, Cause{Service: c.Culprit, Main: n, Symptom: -1, Share: math.NaN()})
			continue
		}
		o, other := &causes[i], n
		if c.Fingerprint == c.Cause && d.Changes[o.Main].Fingerprint != d.Changes[o.Main].Cause {
			o.Main, other = n, o.Main
		}
		o.Explains = append(o.Explains, other)
	}
	for i := range causes {
		c := &causes[i]
		m := &d.Changes[c.Main]
		c.Site, c.Measure, c.Verdict, c.Onset, c.Deployed = m.Identity, m.Measure, m.Verdict, m.Since, m.Deployed
		c.Kind, c.Was = m.CauseKind, m.Was
		if len(c.Explains) > 0 {
			c.Symptom = c.Explains[0]
		}
	}
	slices.SortStableFunc(causes, func(x, y Cause) int {
		return cmp.Or(
			cmp.Compare(d.Changes[x.Main].class(), d.Changes[y.Main].class()), cmp.Compare(len(y.Explains), len(x.Explains)),
			x.Onset.Compare(y.Onset), cmp.Compare(x.Service, y.Service),
		)
	})
	return causes
}

// ofService is the lasting cause of the same service that began at about the same time as another; nil if there is none.
func (d *Diff) ofService(lasting []Cause, c *Cause) *Cause {
	began := d.Changes[c.Main].Since
	if !d.Changes[c.Main].Flagged && len(c.Explains) > 0 {
		began = d.Changes[c.Explains[0]].Since
	}
	for i := range lasting {
		if from, until := d.times(&lasting[i]); c.Service != "" && lasting[i].Service == c.Service && !began.Before(from) && !began.After(until) {
			return &lasting[i]
		}
	}
	return nil
}

// times are those between which what follows from a lasting cause may have begun: from a window before it, for beginnings are estimates.
func (d *Diff) times(c *Cause) (from, until time.Time) {
	from = d.Changes[c.Main].Since
	for _, n := range c.Explains {
		if since := d.Changes[n].Since; since.Before(from) {
			from = since
		}
	}
	window := d.B.End.Sub(d.B.Start)
	return from.Add(-window), from.Add(sameTime * window)
}
