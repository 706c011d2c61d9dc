package compare

import "slices"

// Only keeps the changes that are asked for, and the causes that are about them. Where the main change of a cause is not asked for,
// the first that it explains takes its place. Call it before Name.
func (d *Diff) Only(asked func(*Change) bool) {
	number := make([]int, len(d.Changes)) // of what is kept; -1: it is not
	kept := make([]Change, 0, len(d.Changes))
	for i := range d.Changes {
		number[i] = -1
		if asked(&d.Changes[i]) {
			number[i] = len(kept)
			kept = append(kept, d.Changes[i])
		}
	}
	d.Changes = kept
	causes := make([]Cause, 0, len(d.Causes))
	for _, c := range d.Causes {
		if c.renumber(number); c.Main < 0 && len(c.Explains) > 0 {
			c.about(&d.Changes[c.Explains[0]], c.Explains[0])
			c.Explains = c.Explains[1:]
		}
		if c.Main < 0 {
			continue
		}
		if c.Symptom < 0 && len(c.Explains) > 0 {
			c.Symptom = c.Explains[0]
		}
		causes = append(causes, c)
	}
	d.Causes = causes
}

// renumber follows changes to their new numbers; negative ones are left out.
func (c *Cause) renumber(number []int) {
	c.Main = number[c.Main]
	if c.Symptom >= 0 {
		c.Symptom = number[c.Symptom]
	}
	explains := make([]int, 0, len(c.Explains))
	for _, n := range c.Explains {
		explains = append(explains, number[n])
	}
	c.Explains = slices.DeleteFunc(explains, func(n int) bool { return n < 0 })
}

// about makes a change the main one of a cause.
func (c *Cause) about(m *Change, n int) {
	c.Main, c.Site, c.Measure, c.Verdict = n, m.Identity, m.Measure, m.Verdict
	c.Kind, c.Was = Plain, "" // that was said of the other one
	if c.Symptom == n {
		c.Symptom = -1
	}
}
