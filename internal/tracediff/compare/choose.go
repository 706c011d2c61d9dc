package compare

import "slices"

// choose makes causes of candidates: in the order of their classes that which explains most of what is left is next, until
// nothing is. A candidate is asked for what follows from it when its turn may have come: of those that come after another, few are.
func (e *explainer) choose(candidates []*candidate) (causes []Cause) {
	var chosen []*candidate
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
			break
		}
		left.take(best)
		chosen = append(chosen, best)
	}
	passOn(chosen)
	for _, c := range e.fold(chosen) {
		causes = append(causes, c.of(e.diff))
	}
	return causes
}

// passOn gives what is only beside one cause to a later one that it follows from: two faults in one request have the callers of each for
// themselves, though one is in a service that waits for the other.
func passOn(chosen []*candidate) {
	for i, c := range chosen {
		for _, o := range chosen[i+1:] {
			if o.class != c.class || o.cause.Verdict != c.cause.Verdict {
				continue
			}
			for _, n := range c.beside {
				at, owns := slices.BinarySearch(c.changes, n)
				if !owns || len(c.changes) == 1 || !contains(o.explains, n) || contains(o.beside, n) {
					continue
				}
				c.changes = slices.Delete(c.changes, at, at+1)
				to, _ := slices.BinarySearch(o.changes, n)
				o.changes = slices.Insert(o.changes, to, n)
			}
		}
	}
}

// contains looks a number up in an ascending list.
func contains(list []int, n int) bool {
	_, found := slices.BinarySearch(list, n)
	return found
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
func (l *leftOver) take(c *candidate) {
	for _, n := range c.explains {
		if l.there[n] {
			c.changes = append(c.changes, n)
			l.there[n] = false
			for _, o := range l.by[n] {
				o.left--
			}
		}
	}
}

// of is the cause that a candidate with its changes is. Where the change at its main site belongs to another cause already, the next takes its
// place: one of another site by preference.
func (c *candidate) of(d *Diff) Cause {
	cause, main := c.cause, c.cause.Main
	own := func(n int) bool { return contains(c.changes, n) }
	if d.Changes[main].Flagged && !own(main) {
		main = c.changes[0]
		if i := slices.IndexFunc(c.sites, own); i >= 0 {
			main = c.sites[i]
		}
		cause.about(&d.Changes[main], main)
	}
	for _, n := range c.changes {
		if n != main {
			cause.Explains = append(cause.Explains, n)
		}
	}
	return cause
}
