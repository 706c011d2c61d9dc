package compare

import (
	"math"
	"slices"
)

// family is the tests of one kind of group, or of one attribute key.
type family struct {
	tests []int // indices into p
	simes float64
}

// qValues gives each test the false discovery rate at which it is flagged, over all families of a diff.
//
// It is the procedure of Y. Benjamini and M. Bogomolov, Selective inference on multiple families of hypotheses (JRSS B 76,
// 2014) with R. J. Simes' p for a family (Biometrika 73, 1986): families are selected by Benjamini-Hochberg at level q, and
// within R selected ones of m, tests by Benjamini-Hochberg at q R/m. Under it the mean false discovery rate over the
// selected families is at most q, and so is the probability of any flag where nothing changed. A family that is selected
// has a flag. Views of the same spans (by service, by path) do not pay for each other as they would in one large family.
//
// Both steps are monotone in q, so that a test's own level is the least q at which its family is selected and its
// adjusted p is at most q R(q)/m.
func qValues(p []float64, familyOf []int, families int) []float64 {
	fams := make([]family, families)
	for i, f := range familyOf {
		fams[f].tests = append(fams[f].tests, i)
	}
	fams = slices.DeleteFunc(fams, func(f family) bool { return len(f.tests) == 0 })
	adjusted := make([]float64, len(p))
	simes := make([]float64, len(fams))
	for i := range fams {
		simes[i] = adjust(p, fams[i].tests, adjusted)
	}
	order := make([]int, len(fams))
	for i := range order {
		order[i] = i
	}
	levels := make([]float64, len(fams))
	adjust(simes, order, levels)
	steps := slices.Clone(levels)
	slices.Sort(steps)

	q := make([]float64, len(p))
	for i := range fams {
		for _, test := range fams[i].tests {
			q[test] = levelOf(adjusted[test], levels[i], steps)
		}
	}
	return q
}

// levelOf is the least level at which a test is flagged: p is adjusted within its family, selected is the level from which
// the family is selected on, steps are these levels of all families in ascending order.
func levelOf(p, selected float64, steps []float64) float64 {
	m := float64(len(steps))
	least := 1.0
	for r := range steps {
		// From steps[r] to steps[r+1], r + 1 families are selected (or more, where levels are equal).
		if r+1 < len(steps) && steps[r+1] == steps[r] {
			continue
		}
		level := max(selected, steps[r], p*m/float64(r+1))
		until := math.Inf(1)
		if r+1 < len(steps) {
			until = steps[r+1]
		}
		if level < until {
			least = min(least, level)
			break
		}
	}
	return least
}

// adjust writes the p values of some tests, adjusted as Y. Benjamini and Y. Hochberg do (JRSS B 57, 1995), and returns the
// smallest, which is Simes' p of all of them.
func adjust(p []float64, tests []int, adjusted []float64) float64 {
	sorted := slices.Clone(tests)
	slices.SortFunc(sorted, func(i, j int) int {
		switch {
		case p[i] < p[j]:
			return -1
		case p[i] > p[j]:
			return 1
		}
		return i - j
	})
	least := 1.0
	for rank := len(sorted); rank > 0; rank-- {
		i := sorted[rank-1]
		least = min(least, p[i]*float64(len(sorted))/float64(rank))
		adjusted[i] = least
	}
	return least
}
