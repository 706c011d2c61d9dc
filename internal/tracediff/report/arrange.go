package report

import (
	"cmp"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Group is a cause and the changes that belong to it.
type Group struct {
	Cause    *compare.Cause
	Main     *compare.Change
	Explains []*compare.Change
}

// Arranged are the changes of a diff as reports list them: those of the first cause, its main change first, then those of the second
// one and so on; then flagged ones of no cause, those that are over, and all others.
type Arranged struct {
	Groups  []Group
	Changes []*compare.Change
	number  map[*compare.Change]int // of the cause, from 1; changes without one are not in it
}

// Arrange puts the changes of a diff in order. Where a part of them was left out, as those of other keys are, the numbers that a cause
// names may lead to others: what does not say of itself that it belongs to a cause is not put under it.
func Arrange(d *compare.Diff) *Arranged {
	a := &Arranged{Changes: make([]*compare.Change, 0, len(d.Changes)), number: map[*compare.Change]int{}}
	take := func(n int) *compare.Change {
		if n < 0 || n >= len(d.Changes) || a.number[&d.Changes[n]] > 0 {
			return nil
		}
		c := &d.Changes[n]
		a.number[c] = len(a.Groups) + 1
		a.Changes = append(a.Changes, c)
		return c
	}
	for i := range d.Causes {
		g := Group{Cause: &d.Causes[i]}
		if n := g.Cause.Main; n < 0 || n >= len(d.Changes) || d.Changes[n].Identity != g.Cause.Site {
			continue
		}
		if g.Main = take(g.Cause.Main); g.Main == nil {
			continue
		}
		for _, n := range g.Cause.Explains {
			if n < 0 || n >= len(d.Changes) || !g.explains(&d.Changes[n]) {
				continue
			}
			if c := take(n); c != nil {
				g.Explains = append(g.Explains, c)
			}
		}
		a.Groups = append(a.Groups, g)
	}
	grouped := len(a.Changes)
	for i := range d.Changes {
		if c := &d.Changes[i]; a.number[c] == 0 {
			a.Changes = append(a.Changes, c)
		}
	}
	slices.SortStableFunc(a.Changes[grouped:], func(x, y *compare.Change) int { return cmp.Compare(news(x), news(y)) })
	return a
}

// explains tells whether a change says that it belongs to the cause. One that lasts may have been confirmed with another one.
func (g *Group) explains(c *compare.Change) bool {
	return c.Flagged && (c.Cause == g.Main.Fingerprint || c.Standing == compare.Lasting)
}

// news orders changes of no cause: the lower, the more one wants to know of it.
func news(c *compare.Change) int {
	switch {
	case flagged(c):
		return 0
	case c.Standing != "":
		return 1
	}
	return 2
}

// flagged tells whether a change is there now. One that was cleared is not, whatever was found when it was there.
func flagged(c *compare.Change) bool { return c.Flagged && c.Standing != compare.Cleared }

// Flagged is the number of changes that are flagged.
func Flagged(d *compare.Diff) int {
	n := 0
	for i := range d.Changes {
		if flagged(&d.Changes[i]) {
			n++
		}
	}
	return n
}

// Options say how much is written.
type Options struct {
	Top int  // changes and causes that are listed; 0: all
	All bool // also what was tested and is not flagged
}

// row is a change in a list.
type row struct {
	*compare.Change
	cause int // number of its cause; 0: it has none
}

// listed are the changes to list, how many flagged ones are left out, and whether anything is.
func (o Options) listed(a *Arranged) (rows []row, rest int, cut bool) {
	for _, c := range a.Changes {
		number := a.number[c]
		switch {
		case number == 0 && !c.Flagged && c.Standing == "" && !o.All:
		case o.Top > 0 && len(rows) >= o.Top:
			cut = true
			if flagged(c) {
				rest++
			}
		default:
			rows = append(rows, row{c, number})
		}
	}
	return rows, rest, cut
}

// groups are the causes to list, and how many are left out.
func (o Options) groups(a *Arranged) (list []Group, rest int) {
	if o.Top == 0 || len(a.Groups) <= o.Top {
		return a.Groups, 0
	}
	return a.Groups[:o.Top], len(a.Groups) - o.Top
}
