package compare

import (
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// History is how much windows differ when nothing changed, learned from the pairs of snapshots that one query was compared
// on under one baseline. The zero value knows nothing; a nil History is the stated prior for ever. It is not safe for
// concurrent use.
type History struct {
	pairs  int
	groups map[snapshot.Identity]*past
	pooled [measures]pool // by measure: see slot
}

// past is what is known of one group.
type past struct {
	spread [measures]pool
	doubts [measures]pool // of windows in which a change is suspected: learned if it is refuted
	flips  float64        // times that it came or went
	there  bool           // in the window that was learned from last
	seen   float64        // pairs in which it was on either side
	last   int            // the pair in which it was seen last
}

// pool is a decaying estimate of the variance between windows.
type pool struct {
	weight float64 // of the pairs, each at most 1: less where chance within windows hides what is between them
	excess float64 // sum of weight * estimate of the variance between windows
}

const (
	historyDecay   = 0.99  // each pair counts for so much less after the next one: some 100 windows are remembered
	historyKeeps   = 300   // pairs after which a group that is gone is forgotten
	historyFreedom = 6.0   // weight of the pool against a group's own past, and of the prior against the pool, in pairs
	historyFloor   = 0.04  // share of the prior below which no past lets the variance fall
	historyClip    = 9.0   // a squared difference counts for at most so many times its expectation: changes are no noise
	historyGroups  = 50000 // groups that are remembered

	historyTogether = 10.0 // groups of a pair that are taken to move together
	historyApart    = 3.0  // most that the groups of one pair say, in pairs of one group
)

// measures is how many kinds of quantity vary between windows.
const measures = 4

// slot is the place of a measure in what is learned; new ones go to the end, for that is how it is stored.
func slot(m Measure) int {
	switch m {
	case Latency:
		return 0
	case Errors:
		return 1
	case Waiting:
		return 3
	default:
		return 2
	}
}

// Pairs is the number of pairs of windows it was learned from.
func (h *History) Pairs() int {
	if h == nil {
		return 0
	}
	return h.pairs
}

// between is the variance between windows of a group's measure: its own past, shrunk to that of all groups, shrunk to the
// prior.
func (h *History) between(id snapshot.Identity, m Measure) part {
	prior := priorVariance(m)
	if h == nil || h.pairs == 0 || m == Slowest {
		return part{prior, math.Inf(1)}
	}
	all := &h.pooled[slot(m)]
	variance := (historyFreedom*prior + all.excess) / (historyFreedom + all.weight)
	df := historyFreedom + all.weight
	if g := h.groups[id]; g != nil {
		own := &g.spread[slot(m)]
		variance = (historyFreedom*max(variance, historyFloor*prior) + own.excess) / (historyFreedom + own.weight)
		df += own.weight
	}
	return part{max(variance, historyFloor*prior), 2 * df}
}

// flickers is the probability that a group comes or goes without reason, as it did in the past; 0 if it never came back.
func (h *History) flickers(id snapshot.Identity) float64 {
	if h == nil || h.groups[id] == nil {
		return 0
	}
	g := h.groups[id]
	if g.flips < 1.5 {
		return 0
	}
	return min(1, g.flips/max(1, g.seen))
}

// Learn takes in two snapshots that were compared under the baseline. Call it after Compare, or the comparison knows its
// own outcome; and give it their diff once it says which changes are suspected and which are certain: the certain ones are no noise, and the
// suspected ones must not become it before it is known what they are. A window without any trace says nothing of what is
// usual: that all groups come and go with the traffic is not learned.
func (h *History) Learn(a, b *snapshot.Snapshot, diffs ...*Diff) {
	if idle(a) || idle(b) {
		return
	}
	certain := standing(diffs, Confirmed, Lasting)
	suspected := standing(diffs, Suspected)
	t := newTester(a, b, h, DefaultThresholds())
	match := pairs(a, b)
	if h.groups == nil {
		h.groups = make(map[snapshot.Identity]*past)
	}
	h.pairs++
	var sums [measures]pool
	var counts [measures]float64
	var found []finding
	for i := range match {
		g := h.past(&match[i])
		if g == nil {
			continue
		}
		found = t.findings(found[:0], &match[i])
		for j := range found {
			f := &found[j]
			if !f.tested || f.measure == Presence || f.measure == Slowest {
				continue
			}
			s, what := slot(f.measure), about{match[i].id, f.measure}
			learned := pool{}
			weight, excess := f.contribution(h.between(match[i].id, f.measure).variance)
			switch {
			case certain[what]:
				g.doubts[s] = pool{}
			case suspected[what]:
				g.doubts[s].sum(weight, excess)
			default:
				learned = g.doubts[s]
				g.doubts[s] = pool{}
				learned.sum(weight, excess)
				g.spread[s].add(learned.weight, learned.excess/learned.weight)
				sums[s].weight += learned.weight
				sums[s].excess += learned.excess
				counts[s]++
			}
		}
	}
	for s := range sums {
		// Groups of one pair move together: all of them say no more than a few.
		if counts[s] > 0 && sums[s].weight > 0 {
			few := max(1, min(historyApart, counts[s]/historyTogether))
			h.pooled[s].add(few*sums[s].weight/counts[s], sums[s].excess/sums[s].weight)
		}
	}
	h.forget()
}

func idle(s *snapshot.Snapshot) bool {
	sum := s.Total.Sum()
	return sum.Traces == 0
}

// about is what a change is about.
type about struct {
	id      snapshot.Identity
	measure Measure
}

// standing are the changes that stand in one of some ways.
func standing(diffs []*Diff, ways ...Standing) map[about]bool {
	found := map[about]bool{}
	for _, d := range diffs {
		for i := range d.Changes {
			if c := &d.Changes[i]; slices.Contains(ways, c.Standing) {
				found[about{c.Identity, c.Measure}] = true
			}
		}
	}
	return found
}

// sum adds without decay.
func (p *pool) sum(weight, excess float64) {
	p.weight += weight
	p.excess += weight * excess
}

func (p *pool) add(weight, excess float64) {
	p.weight = p.weight*historyDecay + weight
	p.excess = p.excess*historyDecay + weight*excess
}

// contribution is what a difference says of the variance between windows: half of what its square has more than windows
// explain by themselves, which is right in the mean (R. DerSimonian and N. Laird, Controlled Clinical Trials 7, 1986), and
// the weight of that.
func (f *finding) contribution(now float64) (weight, excess float64) {
	expected := f.sampling + 2*now
	square := min(f.difference*f.difference, historyClip*expected)
	weight = 2 * now / expected
	return weight * weight, (square - f.sampling) / 2
}

// past finds or makes the record of a group and notes whether it came or went.
func (h *History) past(p *pair) *past {
	g, there := h.groups[p.id], p.b != nil
	if g == nil {
		if len(h.groups) >= historyGroups {
			return nil
		}
		g = &past{there: p.a != nil}
		h.groups[p.id] = g
	}
	g.last = h.pairs
	g.seen = g.seen*historyDecay + 1
	g.flips *= historyDecay
	if g.there != there { // from one window to the next: a baseline that stays may lack it for ever
		g.flips++
	}
	g.there = there
	return g
}

func (h *History) forget() {
	for id, g := range h.groups {
		if h.pairs-g.last > historyKeeps {
			delete(h.groups, id)
		}
	}
}
