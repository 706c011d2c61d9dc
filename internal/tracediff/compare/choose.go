package compare

import "slices"

// choose makes causes of candidates: in the order of their classes that which explains most of what is left is next, until
// nothing is. A candidate is asked for what follows from it when its turn may have come: of those that come after another, few are.
func (e *explainer) choose() {
	by := make([][]int, e.flagged) // candidates that explain each change
	count := make([]int, len(e.candidates))
	asked := make([]bool, len(e.candidates))
	left := slices.Repeat([]bool{true}, e.flagged)
	ask := func(i int) {
		asked[i] = true
		e.candidates[i].explain(e)
		for _, n := range e.candidates[i].explains {
			if left[n] {
				by[n] = append(by[n], i)
				count[i]++
			}
		}
	}
	for {
		best := -1
		for i := range e.candidates {
			c := &e.candidates[i]
			if c.after >= 0 && (!asked[c.after] || count[c.after] > 0) {
				continue
			}
			if !asked[i] {
				ask(i)
			}
			if count[i] > 0 && (best < 0 || c.class < e.candidates[best].class || c.class == e.candidates[best].class && count[i] > count[best]) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		var own []int
		for _, n := range e.candidates[best].explains {
			if left[n] {
				own = append(own, n)
				left[n] = false
				for _, i := range by[n] {
					count[i]--
				}
			}
		}
		e.diff.Causes = append(e.diff.Causes, e.candidates[best].of(e.diff, own))
	}
}

// explain asks for what follows from a candidate.
func (c *candidate) explain(e *explainer) {
	if c.explains == nil {
		c.explains = e.index.find(e.followingOf(c))
	}
}

// of is the cause of some changes, which are in order. Where the change at its main site belongs to another cause already, the next takes its
// place: one of another site by preference.
func (c *candidate) of(d *Diff, changes []int) Cause {
	cause, main := c.cause, c.cause.Main
	own := func(n int) bool {
		_, found := slices.BinarySearch(changes, n)
		return found
	}
	if d.Changes[main].Flagged && !own(main) {
		main = changes[0]
		if i := slices.IndexFunc(c.sites, own); i >= 0 {
			main = c.sites[i]
		}
		cause.about(&d.Changes[main], main)
	}
	for _, n := range changes {
		if n != main {
			cause.Explains = append(cause.Explains, n)
		}
	}
	return cause
}
