package compare

import (
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A change may begin inside a window, or end there, or be shorter. The slices of such a window differ so much from each other that a
// test of the whole window, whose yardstick is just that, does not see it. So the same test is also made on parts of a window:
// on the end of B (the change began there), on the beginning of A (it began in A, and all of B has it), and on something
// between in B (it came and went). Which part is found by the largest cumulative sum of the deviations from the mean of the other side
// (E. S. Page, Biometrika 41, 1954); what is tested is the part alone, as if it were a window.
//
// Looking in several places finds more by chance. The level is divided by Bonferroni: most of it goes to the whole window, the rest
// to the parts, and what goes to a part is divided by the number of places that it could have been, as far as these
// are independent.
const (
	wholeShare   = 0.8  // of the level
	endShare     = 0.08 // for the end of B; as much for the beginning of A
	betweenShare = 0.04 // for a part between, in B
	endPlaces    = 10   // independent places of an end among 20
	betweenPlace = 50   // independent places of a part between

	leastSlices = 4  // of a part that is tested
	mostSlices  = 20 // of a window that is scanned
	worthTest   = 14 // squared standardised deviation from which on a part is tested
)

// scanner is the scratch of scans.
type scanner struct {
	slices    [2]int // of the windows
	n, d      [2][mostSlices]float64
	total     [2]float64 // of n
	weight    [2]float64 // of d
	deviating deviations
	exposures map[stretch]*exposure // that were needed so far
	glance    glance
}

// newScanner is nil where windows cannot be scanned: they have too few slices.
func newScanner(a, b *snapshot.Snapshot) *scanner {
	s := &scanner{slices: [2]int{a.Slices(), b.Slices()}}
	for _, n := range s.slices {
		if n < 2*leastSlices || n > mostSlices {
			return nil
		}
	}
	return s.fresh()
}

// fresh is one for the same windows that shares nothing with it.
func (s *scanner) fresh() *scanner {
	return &scanner{slices: s.slices, exposures: map[stretch]*exposure{}}
}

// scanned is the finding on the whole window, or on a part of one, or against the windows before, if that is less likely by chance.
func (t *tester) scanned(whole finding, p *pair) finding {
	if t.scan == nil {
		return whole
	}
	whole.cost(t.wholeShare(), 1)
	if t.earlier != nil {
		if f := t.earlier.measured(whole.measure); f.tested && (!whole.tested || f.p < whole.p) {
			whole = f
		}
	}
	if !t.scan.load(whole.measure, p, t) {
		return whole
	}
	best, at := whole, stretch{}
	try := func(s stretch, ok bool, share, places float64) {
		if !ok {
			return
		}
		g := &t.scan.glance
		g.during(t, s, p)
		if whole.measure == CallRate && !g.of.enough(fewCalls) {
			return // a session of one user would be a change
		}
		f := g.by.measured(whole.measure, &g.of)
		f.cost(share, places)
		if f.tested && (!best.tested || f.p < best.p || f.p == best.p && at == stretch{}) {
			best, at = f, s
		}
	}
	if v := t.scan.deviations(1); v.worthwhile() {
		s, ok := v.end()
		try(s, ok, endShare, endPlaces)
		s, ok = v.between()
		try(s, ok, betweenShare, betweenPlace)
	}
	if v := t.scan.deviations(0); v.worthwhile() {
		s, ok := v.beginning()
		try(s, ok, endShare, endPlaces)
	}
	if at != (stretch{}) {
		best.about(t, at, p)
	}
	return best
}

// about says that a finding is about a part of a window.
func (f *finding) about(t *tester, s stretch, p *pair) {
	g := &t.scan.glance
	g.during(t, s, p)
	f.part, f.figures = &s, g.figures()
}

// measured makes one test.
func (t *tester) measured(m Measure, p *pair) finding {
	if p.a == nil || p.b == nil {
		return unknown(m, "")
	}
	var f finding
	switch m {
	case Latency:
		f = t.latency(p)
	case Waiting:
		f = t.waiting(p)
	case Slowest:
		f = t.slowest(p)
	case Errors:
		f = t.errors(p)
	default:
		f = t.calls(p)
	}
	f.windows = t.between(p.id, m).variance
	return f
}

// cost makes a test pay for its share of the level, and for the places in which it could have been made.
func (f *finding) cost(share, places float64) {
	f.p = min(1, f.p*places/share)
	f.attainable = min(1, f.attainable*places/share)
}

// load reads the slices of both sides; false where there is too little to look at.
func (s *scanner) load(m Measure, p *pair, t *tester) bool {
	if p.a == nil || p.b == nil || p.sum[0].Traces+p.sum[1].Traces < 2*leastTraces {
		return false
	}
	for side, g := range [...]*snapshot.Group{p.a, p.b} {
		n, d := &s.n[side], &s.d[side]
		*n, *d = [mostSlices]float64{}, [mostSlices]float64{}
		list := before(g.Slices, s.slices[side])
		switch m {
		case Latency:
			for i := range list {
				n[list[i].Index], d[list[i].Index] = list[i].LogDuration, list[i].Weight
			}
		case Slowest:
			for i := range list {
				n[list[i].Index], d[list[i].Index] = list[i].Duration, list[i].Weight
			}
		case Waiting:
			for i := range list {
				n[list[i].Index], d[list[i].Index] = list[i].LogWait, list[i].WaitWeight
			}
		case Errors:
			for i := range list {
				n[list[i].Index], d[list[i].Index] = list[i].ErrorTrace, list[i].TraceWeight
			}
		default:
			for i := range list {
				n[list[i].Index] = list[i].Weight
			}
			from := t.exposing(side, p)
			list = before(from.group.Slices, s.slices[side])
			for i := range list {
				d[list[i].Index] = from.weight(&list[i])
			}
		}
		var total, weight float64
		for i := range n {
			total += n[i]
			weight += d[i]
		}
		s.total[side], s.weight[side] = total, weight
	}
	return true
}

// before are those of some slices, which are in order, that lie within a window of so many.
func before(list []snapshot.Slice, n int) []snapshot.Slice {
	for len(list) > 0 && int(list[len(list)-1].Index) >= n {
		list = list[:len(list)-1]
	}
	return list
}
