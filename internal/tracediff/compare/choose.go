package compare

import "slices"

// choose makes causes of candidates: in the order of their classes that which explains most of what is left is next, until
// nothing is. A candidate is asked for what follows from it when its turn may have come: of those that come after another, few are.
func (e *explainer) choose(candidates []*candidate) (causes []Cause) {
	left := &leftOver{there: slices.Repeat([]bool{true}, len(e.flagged)), by: make([][]*candidate, len(e.flagged))}
	for {
		var best *candidate
		for _, c := range candidates {
			if c.after != nil && (!c.after.asked || c.after.left > 0) {
				continue
			}
			if !c.counted {
				e.ask(c)
				left.count(c)
			}
			if c.left > 0 && (best == nil || c.before(best)) {
				best = c
			}
		}
		if best == nil {
			return causes
		}
		causes = append(causes, best.of(e.diff, left.take(best)))
	}
}

// before tells whether a candidate becomes a cause before another.
func (c *candidate) before(o *candidate) bool {
	return c.class < o.class || c.class == o.class && c.left > o.left
}

// leftOver is what no cause has yet of the flagged changes, by their numbers.
type leftOver struct {
	there []bool
	by    [][]*candidate // those counted that explain it
}

// count counts what a candidate would explain.
func (l *leftOver) count(c *candidate) {
	c.counted = true
	for _, n := range c.explains {
		if l.there[n] {
			l.by[n] = append(l.by[n], c)
			c.left++
		}
	}
}

// take gives a candidate what it explains of what is left.
func (l *leftOver) take(c *candidate) (changes []int) {
	for _, n := range c.explains {
		if l.there[n] {
			changes = append(changes, n)
			l.there[n] = false
			for _, o := range l.by[n] {
				o.left--
			}
		}
	}
	return changes
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
