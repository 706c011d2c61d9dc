package compare

import (
	"cmp"
	"maps"
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

// compared is a diff without its causes, and what they are found with. before are windows before a, if it moves.
func compared(a, b *snapshot.Snapshot, before *bundle, history *History, thresholds Thresholds) (*Diff, *tester, []pair) {
	d := &Diff{A: side(a), B: side(b), Thresholds: thresholds, History: history.Pairs()}
	t := newTester(a, b, history, thresholds)
	t.scan = newScanner(a, b)
	if before != nil && t.scan != nil {
		t.earlier = newEarlier(before)
	}
	match := pairs(a, b)
	found := t.test(match)
	d.Tests = t.levels(found, match)
	for _, f := range found {
		f.flagged = f.tested && f.large && f.q <= thresholds.FDR
	}
	places := byImpact(found)
	d.Changes = make([]Change, len(found))
	inParts(len(found), func(from, until int) {
		for i := from; i < until; i++ {
			found[i].change(&d.Changes[places[i]], t)
		}
	})
	return d, t, match
}

// test tests all groups, some on each core, and gathers their figures on both sides.
func (t *tester) test(match []pair) []*finding {
	var mu sync.Mutex
	parts := map[int][]finding{}
	inParts(len(match), func(from, until int) {
		own := t.fresh()
		number := 0
		for i := from; i < until; i++ {
			number += match[i].measures()
		}
		found := make([]finding, 0, number)
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
	all := make([]*finding, 0, count)
	for _, from := range slices.Sorted(maps.Keys(parts)) {
		for i := range parts[from] {
			all = append(all, &parts[from][i])
		}
	}
	return all
}

// fresh is a tester with scratch of its own, for another goroutine.
func (t *tester) fresh() *tester {
	own := *t
	own.x, own.y = clustered{}, clustered{}
	if t.scan != nil {
		own.scan = t.scan.fresh()
	}
	if t.earlier != nil {
		own.earlier = t.earlier.fresh()
	}
	return &own
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

// change says what a diff says.
func (f *finding) change(c *Change, t *tester) {
	c.Identity, c.Measure, c.Verdict, c.A, c.B = f.of.id, f.measure, f.said(), f.of.before, f.of.after
	c.Effect, c.Low, c.High, c.P, c.Q, c.Flagged, c.Impact = f.effect, f.low, f.high, f.p, f.q, f.flagged, f.impact
	c.pair = f.of.number
	if c.part = f.part; f.figures != nil {
		c.A, c.B = f.figures[0], f.figures[1]
	}
	c.Onset, c.Ended = t.times(f)
	c.Exemplars = exemplars(c, f.of)
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

// byImpact are the places of findings where flagged changes come first, those with most impact before others.
func byImpact(found []*finding) []int32 {
	type ranked struct {
		impact  float64 // beside the others, which sorting looks at again and again
		number  int32
		flagged bool
	}
	list := make([]ranked, len(found))
	for i, f := range found {
		list[i] = ranked{f.impact, int32(i), f.flagged}
	}
	slices.SortFunc(list, func(x, y ranked) int {
		switch {
		case x.flagged && !y.flagged:
			return -1
		case y.flagged && !x.flagged:
			return 1
		}
		return cmp.Or(cmp.Compare(y.impact, x.impact), cmp.Compare(x.number, y.number))
	})
	places := make([]int32, len(found))
	for i := range list {
		places[list[i].number] = int32(i)
	}
	return places
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
	case (c.Measure == Latency || c.Measure == Waiting || c.Measure == Slowest) && len(g.Exemplars.Slow) > 0:
		return g.Exemplars.Slow
	default:
		return g.Exemplars.Random
	}
}
