package compare

import (
	"cmp"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Compare says what changed from a to b, two snapshots of one query. A nil history stands for the stated prior. ID, QueryID,
// Baseline and CalculatedAt are the caller's to set, by Diff.Name; a Tracker fills in how long each change has been seen.
func Compare(a, b *snapshot.Snapshot, history *History, thresholds Thresholds) *Diff {
	d := &Diff{A: side(a), B: side(b), Thresholds: thresholds, History: history.Pairs()}
	t := newTester(a, b, history, thresholds)
	match := pairs(a, b)
	found := make([]finding, 0, 3*len(match))
	of := make([]*pair, 0, 3*len(match))
	for i := range match {
		found = t.findings(found, &match[i])
		for len(of) < len(found) {
			of = append(of, &match[i])
		}
	}
	q, tests := t.levels(found, of, match)
	d.Tests = tests
	changes := make([]Change, len(found))
	var last *pair
	var sides [2]Absolute
	for i := range found {
		f, p := &found[i], of[i]
		if p != last {
			sides = [2]Absolute{absolute(a, p.a, &p.sum[0], &t.all[0]), absolute(b, p.b, &p.sum[1], &t.all[1])}
			last = p
		}
		c := &changes[i]
		*c = Change{
			Identity: p.id, Measure: f.measure, A: sides[0], B: sides[1],
			Effect: f.effect, Low: f.low, High: f.high, P: f.p, Q: q[i],
		}
		c.Flagged = f.tested && f.large && c.Q <= thresholds.FDR
		c.Verdict = f.said(c.Flagged)
		c.Impact = impact(c, p)
		c.Exemplars = exemplars(c, p)
	}
	d.Changes = sorted(changes)
	d.direct(b)
	d.name()
	return d
}

// said is the verdict.
func (f *finding) said(flagged bool) Verdict {
	switch {
	case flagged:
		return f.verdict
	case f.tested && f.powered && f.measure != Presence:
		return Same
	default:
		return NotEnoughData
	}
}

// sorted puts flagged changes first, those with most impact before others.
func sorted(changes []Change) []Change {
	order := make([]int, len(changes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		x, y := &changes[i], &changes[j]
		if x.Flagged != y.Flagged {
			if x.Flagged {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(y.Impact, x.Impact), cmp.Compare(i, j))
	})
	to := make([]Change, len(changes)) // a Change is large: it is moved once
	for i, at := range order {
		to[i] = changes[at]
	}
	return to
}

// exemplars are traces that show the change.
func exemplars(c *Change, p *pair) []string {
	g := p.b
	if g == nil {
		g = p.a
	}
	switch {
	case c.Measure == Errors && len(g.Exemplars.Error) > 0:
		return g.Exemplars.Error
	case c.Measure == Latency && len(g.Exemplars.Slow) > 0:
		return g.Exemplars.Slow
	default:
		return g.Exemplars.Random
	}
}

// view is what the tests of one family are about.
type view struct {
	kind    snapshot.Kind
	key     string
	measure Measure
}

// levels gives each finding its q, and the number of tests. Each group on both sides could have been on one side only: the
// tests of presence pay for that, as far as it was likely.
func (t *tester) levels(found []finding, of []*pair, match []pair) (q []float64, tests int) {
	number := map[view]int{}
	var fams families
	var index [][]int
	add := func(v view, tr trial, i int) {
		n, ok := number[v]
		if !ok {
			n = len(fams)
			number[v] = n
			fams, index = append(fams, nil), append(index, nil)
		}
		fams[n], index[n] = append(fams[n], tr), append(index[n], i)
	}
	q = make([]float64, len(found))
	for i := range found {
		q[i] = 1
		if f := &found[i]; f.tested {
			tests++
			add(view{of[i].id.Kind, of[i].id.Key, f.measure}, trial{f.p, f.attainable, f.measure == Presence}, i)
		}
	}
	for i := range match {
		v := view{match[i].id.Kind, match[i].id.Key, Presence}
		if _, ok := number[v]; !ok || match[i].a == nil || match[i].b == nil {
			continue // nothing came or went, so that nothing has to be paid for
		}
		if least := t.couldBeAbsent(&match[i]); least > 0 {
			add(v, trial{1, least, true}, -1)
		}
	}
	for n, levels := range fams.levels() {
		for j, i := range index[n] {
			if i >= 0 {
				q[i] = levels[j]
			}
		}
	}
	return q, tests
}
