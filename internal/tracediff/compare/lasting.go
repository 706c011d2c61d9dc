package compare

import "math"

// because notes in each flagged change the cause that it belongs to.
func (d *Diff) because() {
	for i := range d.Causes {
		c := &d.Causes[i]
		main := d.Changes[c.Main].Fingerprint
		for _, n := range append([]int{c.Main}, c.Explains...) {
			if o := &d.Changes[n]; o.Flagged {
				o.Cause, o.Culprit, o.Deployed = main, c.Service, c.Deployed
			}
		}
	}
}

// addLasting adds changes that were confirmed earlier, behind those that are flagged against the baseline, under the causes that they
// were confirmed with. Those causes come first; one of the same service that was just found is part of the same story.
func (d *Diff) addLasting(lasting []Change) {
	if len(lasting) == 0 {
		return
	}
	flagged := 0
	for flagged < len(d.Changes) && d.Changes[flagged].Flagged {
		flagged++
	}
	all := make([]Change, 0, len(d.Changes)+len(lasting))
	all = append(append(append(all, d.Changes[:flagged]...), lasting...), d.Changes[flagged:]...)
	for i := range d.Causes {
		if c := &d.Causes[i]; c.Main >= flagged { // the others are flagged, and stay where they are
			c.Main += len(lasting)
		}
	}
	d.Changes = all
	causes := d.lastingCauses(flagged, flagged+len(lasting))
	old := len(causes)
	for i := range d.Causes {
		c := &d.Causes[i]
		o := ofService(causes[:old], c.Service)
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
	d.Causes = causes
	d.because()
}

// lastingCauses groups the changes from one number up to another by the causes that they were confirmed with.
func (d *Diff) lastingCauses(from, until int) (causes []Cause) {
	at := map[[2]string]int{}
	for n := from; n < until; n++ {
		c := &d.Changes[n]
		story := [2]string{c.Culprit}
		if c.Culprit == "" {
			story[1] = c.Cause
		}
		i, ok := at[story]
		if !ok {
			at[story] = len(causes)
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
		if len(c.Explains) > 0 {
			c.Symptom = c.Explains[0]
		}
	}
	return causes
}

// ofService is the cause of a service; nil if there is none.
func ofService(causes []Cause, service string) *Cause {
	for i := range causes {
		if service != "" && causes[i].Service == service {
			return &causes[i]
		}
	}
	return nil
}
