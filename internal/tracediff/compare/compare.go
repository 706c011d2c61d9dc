package compare

import (
	"cmp"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Compare says what changed from a to b, two snapshots of one query, and why. A nil history stands for the stated prior. ID, QueryID,
// Baseline and CalculatedAt are the caller's to set, by Diff.Name.
func Compare(a, b *snapshot.Snapshot, history *History, thresholds Thresholds) *Diff {
	d, t, match := compared(a, b, nil, history, thresholds)
	d.name()
	t.explain(d, match)
	return d
}

// compared is a diff without its causes, and what they are found with. earlier are windows before a, if it moves.
func compared(a, b *snapshot.Snapshot, earlier *bundle, history *History, thresholds Thresholds) (*Diff, *tester, []pair) {
	d := &Diff{A: side(a), B: side(b), Thresholds: thresholds, History: history.Pairs()}
	t := newTester(a, b, history, thresholds)
	t.scan = newScanner(a, b)
	if earlier != nil && t.scan != nil {
		t.earlier, t.usual = earlier, earlier.exposure()
	}
	match := pairs(a, b)
	found := t.test(match)
	d.Tests = t.levels(found, match)
	for i := range found {
		f := &found[i]
		f.flagged = f.tested && f.large && f.q <= thresholds.FDR
	}
	order := byImpact(found)
	d.Changes = make([]Change, len(found))
	inParts(len(order), func(from, until int) {
		for i := from; i < until; i++ {
			d.Changes[i] = found[order[i]].change(t)
		}
	})
	return d, t, match
}

// test tests all groups, each part of them by itself, and gathers their figures on both sides.
func (t *tester) test(match []pair) []finding {
	var mu sync.Mutex
	parts := map[int][]finding{}
	inParts(len(match), func(from, until int) {
		own := *t
		own.x, own.y = clustered{}, clustered{}
		if t.scan != nil {
			own.scan = &scanner{slices: t.scan.slices}
		}
		found := make([]finding, 0, 4*(until-from))
		for i := from; i < until; i++ {
			p := &match[i]
			p.before = absolute(&t.sides[0], p.a, &p.sum[0])
			p.after = absolute(&t.sides[1], p.b, &p.sum[1])
			first := len(found)
			found = own.findings(found, p)
			for j := first; j < len(found); j++ {
				found[j].of = p
				found[j].impact = found[j].worth(p)
			}
		}
		mu.Lock()
		parts[from] = found
		mu.Unlock()
	})
	count := 0
	for _, found := range parts {
		count += len(found)
	}
	all := make([]finding, 0, count)
	for _, from := range slices.Sorted(maps.Keys(parts)) {
		all = append(all, parts[from]...)
	}
	return all
}

// inParts does n things, some on each core. Few are not worth it.
func inParts(n int, do func(from, until int)) {
	const worth = 1000
	workers := max(1, min(runtime.GOMAXPROCS(0), n/worth))
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Go(func() { do(n*w/workers, n*(w+1)/workers) })
	}
	do(0, n/workers)
	wg.Wait()
}

// change is what a diff says.
func (f *finding) change(t *tester) Change {
	c := Change{
		Identity: f.of.id, Measure: f.measure, Verdict: f.said(), A: f.of.before, B: f.of.after,
		Effect: f.effect, Low: f.low, High: f.high, P: f.p, Q: f.q, Flagged: f.flagged, Impact: f.impact,
	}
	if c.part = f.part; f.figures != nil {
		c.A, c.B = f.figures[0], f.figures[1]
	}
	c.Onset, c.Ended = t.times(f)
	c.Exemplars = exemplars(&c, f.of)
	return c
}

// said is the verdict.
func (f *finding) said() Verdict {
	switch {
	case f.flagged:
		return f.verdict
	case f.tested && f.powered && f.measure != Presence && !f.uneven():
		return Same
	default:
		return NotEnoughData
	}
}

// uneven tells whether the arithmetic mean of durations moved far while the geometric one did not: a few calls take much longer or
// shorter, which the test does not look at, and which is not the same.
func (f *finding) uneven() bool {
	const far = 1.25
	a, b := f.of.before.Mean, f.of.after.Mean
	return f.measure == Latency && a > 0 && b > 0 && (b > far*a || a > far*b)
}

// byImpact is the order in which flagged changes come first, those with most impact before others.
func byImpact(found []finding) []int {
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		x, y := &found[i], &found[j]
		switch {
		case x.flagged && !y.flagged:
			return -1
		case y.flagged && !x.flagged:
			return 1
		}
		return cmp.Or(cmp.Compare(y.impact, x.impact), cmp.Compare(i, j))
	})
	return order
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
	case (c.Measure == Latency || c.Measure == Waiting) && len(g.Exemplars.Slow) > 0:
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

// levels gives each finding its q, and returns the number of tests. Each group on both sides could have been on one side only: the
// tests of presence pay for that, as far as it was likely.
func (t *tester) levels(found []finding, match []pair) (tests int) {
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
	for i := range found {
		f := &found[i]
		f.q = math.NaN()
		if f.tested {
			tests++
			add(view{f.of.id.Kind, f.of.id.Key, f.measure}, trial{f.p, f.attainable, f.measure == Presence}, i)
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
				found[i].q = levels[j]
			}
		}
	}
	return tests
}
