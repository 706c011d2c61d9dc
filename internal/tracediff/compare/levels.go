package compare

import (
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// view is what the tests of one family are about, but for their measure.
type view struct {
	kind snapshot.Kind
	key  string
}

// tested is the number of what can be tested on a group.
const tested = 6

// family is the place of a measure among what can be tested on a group.
func (m Measure) family() int {
	switch m {
	case Presence:
		return 0
	case Latency:
		return 1
	case Waiting:
		return 2
	case Errors:
		return 3
	case CallRate:
		return 4
	default:
		return 5
	}
}

// views numbers what groups are about. Groups of one view come one after the other mostly.
type views struct {
	of     map[view]int
	last   view
	number int
}

// first is the number of the first family of a view.
func (v *views) first(id *snapshot.Identity) int {
	if at := (view{id.Kind, id.Key}); at != v.last {
		n, ok := v.of[at]
		if !ok {
			n = len(v.of)
			v.of[at] = n
		}
		v.last, v.number = at, n
	}
	return tested * v.number
}

// levels gives each finding its q, and returns the number of tests. Each group on both sides could have been on one side only: the
// tests of presence pay for that, as far as it was likely. And the slowest calls of each could have stood out: those tests pay for all groups.
func (t *tester) levels(found []*finding, match []pair) (tests int) {
	v := views{of: map[view]int{}}
	var sizes []int // of the families
	at := func(id *snapshot.Identity, m Measure) int {
		n := v.first(id)
		for len(sizes) < n+tested {
			sizes = append(sizes, 0)
		}
		return n + m.family()
	}
	for _, f := range found {
		if f.q = math.NaN(); f.tested {
			tests++
			sizes[at(&f.of.id, f.measure)]++
		}
	}
	absent := make([]float64, len(match))
	usual := make([]int, len(sizes)) // groups of which the slowest calls did not stand out, by family
	for i := range match {
		p := &match[i]
		if n := at(&p.id, Slowest); sizes[n] > 0 && p.a != nil && p.b != nil && p.enough(minTraces) {
			usual[n]++
		}
		n := at(&p.id, Presence)
		if sizes[n] == 0 || p.a == nil || p.b == nil {
			continue // nothing came or went, so that nothing has to be paid for
		}
		absent[i] = t.couldBeAbsent(p)
	}
	fams, members := make(families, len(sizes)), make([][]*finding, len(sizes))
	for n, size := range sizes {
		fams[n], members[n] = make([]trial, 0, size), make([]*finding, 0, size)
	}
	for _, f := range found {
		if f.tested {
			n := at(&f.of.id, f.measure)
			fams[n], members[n] = append(fams[n], trial{f.p, f.attainable, f.measure == Presence}), append(members[n], f)
		}
	}
	for i, least := range absent {
		if least > 0 {
			n := at(&match[i].id, Presence)
			fams[n] = append(fams[n], trial{1, least, true})
		}
	}
	for n := range usual {
		left := max(0, usual[n]-sizes[n])
		fams[n] = append(fams[n], slices.Repeat([]trial{{p: 1}}, left)...)
		tests += left
	}
	for n, levels := range fams.levels() {
		for j, f := range members[n] {
			f.q = levels[j]
		}
	}
	return tests
}
