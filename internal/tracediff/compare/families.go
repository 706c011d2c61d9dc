package compare

import (
	"cmp"
	"math"
	"slices"
)

// trial is a test as far as other tests have to pay for it.
type trial struct {
	p float64
	// least is the smallest p that the test can give; 0 if it can give any.
	least float64
	// single says that the test gives either least, with that probability, or 1.
	single bool
}

// families are the tests of a diff by what they are about.
type families [][]trial

// levels gives each test the false discovery rate at which it is flagged, over all families.
//
// It is the procedure of Y. Benjamini and M. Bogomolov, Selective inference on multiple families of hypotheses (JRSS B 76,
// 2014) with R. J. Simes' p for a family (Biometrika 73, 1986): families are selected by Benjamini-Hochberg at level q, and
// within R selected ones of m, tests by Benjamini-Hochberg at q R/m. Under it the mean false discovery rate over the
// selected families is at most q, and so is the probability of any flag where nothing changed. A family that is selected
// has a flag. Views of the same spans (by service, by path) do not pay for each other as they would in one large family.
//
// Both steps are monotone in q, so that a test's own level is the least q at which its family is selected and its
// adjusted p is at most q R(q)/m.
func (fams families) levels() [][]float64 {
	adjusted := make([][]float64, len(fams))
	var simes []trial
	var number []int
	for i, f := range fams {
		var least float64
		if adjusted[i], least = adjust(f); len(f) > 0 {
			simes = append(simes, trial{p: least})
			number = append(number, i)
		}
	}
	selected, _ := adjust(simes)
	steps := slices.Sorted(slices.Values(selected))
	for n, i := range number {
		for j, p := range adjusted[i] {
			adjusted[i][j] = levelOf(p, selected[n], steps)
		}
	}
	return adjusted
}

// levelOf is the least level at which a test is flagged: p is adjusted within its family, selected is the level from which
// the family is selected on, steps are these levels of all families in ascending order.
func levelOf(p, selected float64, steps []float64) float64 {
	m := float64(len(steps))
	for r := range steps {
		// From steps[r] up to the next step r + 1 families are selected; with equal steps, more.
		until := math.Inf(1)
		if r+1 < len(steps) {
			until = steps[r+1]
		}
		if level := max(selected, steps[r], p*m/float64(r+1)); level < until {
			return min(1, level)
		}
	}
	return 1
}

// adjust adjusts p values as Y. Benjamini and Y. Hochberg do (JRSS B 57, 1995), and returns the smallest too, which is Simes'
// p of all of them. Tests that are discrete count only for as much as they may add to the false discoveries up to a p:
// nothing below the least p that they can give, as J. F. Heyse proposed (in Recent Advances in Biostatistics, 2011) and
// S. Doehler, G. Durand and E. Roquain examined (Electronic Journal of Statistics 12, 2018).
func adjust(tests []trial) ([]float64, float64) {
	type ranked struct {
		p      float64
		number int32
	}
	order := make([]ranked, len(tests))
	var anyP float64 // tests that can give any p
	var bounded, single []float64
	for i, t := range tests {
		order[i] = ranked{t.p, int32(i)}
		switch {
		case t.single:
			single = append(single, t.least)
		case t.least > 0:
			bounded = append(bounded, t.least)
		default:
			anyP++
		}
	}
	slices.Sort(bounded)
	slices.Sort(single)
	upTo := make([]float64, len(single)+1)
	for i, p := range single {
		upTo[i+1] = upTo[i] + p
	}
	slices.SortFunc(order, func(x, y ranked) int { return cmp.Compare(x.p, y.p) }) // equal ones get the same level
	adjusted := make([]float64, len(tests))
	least := 1.0
	for rank := len(order); rank > 0; rank-- {
		p := order[rank-1].p
		chance := anyP*p + float64(notAbove(bounded, p))*p + upTo[notAbove(single, p)]
		least = min(least, max(p, chance/float64(rank)))
		adjusted[order[rank-1].number] = least
	}
	return adjusted, least
}

// notAbove is how many values of an ascending list are at most p.
func notAbove(list []float64, p float64) int {
	n, _ := slices.BinarySearchFunc(list, p, func(v, p float64) int {
		if v <= p {
			return -1
		}
		return 1
	})
	return n
}
