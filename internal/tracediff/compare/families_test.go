package compare

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// selective is the procedure of Benjamini and Bogomolov as they state it, at one level.
func selective(p []float64, familyOf []int, families int, level float64) []bool {
	flagged := make([]bool, len(p))
	var members [][]int
	for f := range families {
		var m []int
		for i := range p {
			if familyOf[i] == f {
				m = append(m, i)
			}
		}
		if len(m) > 0 {
			members = append(members, m)
		}
	}
	simes := make([]float64, len(members))
	for f, m := range members {
		simes[f] = 2
		s := slices.Clone(m)
		slices.SortFunc(s, func(i, j int) int { return compareFloats(p[i], p[j]) })
		for rank, i := range s {
			simes[f] = min(simes[f], p[i]*float64(len(s))/float64(rank+1))
		}
	}
	for _, f := range benjaminiHochberg(simes, level) {
		var own []float64
		for _, i := range members[f] {
			own = append(own, p[i])
		}
		selected := len(benjaminiHochberg(simes, level))
		for _, i := range benjaminiHochberg(own, level*float64(selected)/float64(len(members))) {
			flagged[members[f][i]] = true
		}
	}
	return flagged
}

// benjaminiHochberg returns the indices that the step-up procedure rejects.
func benjaminiHochberg(p []float64, level float64) []int {
	s := slices.Clone(p)
	slices.Sort(s)
	limit := -1.0
	for rank, v := range s {
		if v <= level*float64(rank+1)/float64(len(s)) {
			limit = v
		}
	}
	var rejected []int
	for i, v := range p {
		if v <= limit {
			rejected = append(rejected, i)
		}
	}
	return rejected
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func asFamilies(f [][]trial) families { return f }

// A q is the least level at which the procedure flags a test: so at every level, both must flag the same tests.
func TestLevelsAreThoseOfTheProcedure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "tests")
		families := rapid.IntRange(1, 6).Draw(t, "families")
		p, familyOf := make([]float64, n), make([]int, n)
		for i := range p {
			p[i] = rapid.Float64Range(0, 1).Draw(t, "p")
			if rapid.Bool().Draw(t, "small") {
				p[i] *= 0.01
			}
			familyOf[i] = rapid.IntRange(0, families-1).Draw(t, "family")
		}
		fams, index := make([][]trial, families), make([][]int, families)
		for i, f := range familyOf {
			fams[f], index[f] = append(fams[f], trial{p: p[i]}), append(index[f], i)
		}
		q := make([]float64, n)
		for f, levels := range asFamilies(fams).levels() {
			for j, i := range index[f] {
				q[i] = levels[j]
			}
		}
		for _, level := range []float64{0.0003, 0.01, 0.05, 0.2, 0.7} {
			for i, want := range selective(p, familyOf, families, level) {
				if got := q[i] <= level; got != want && math.Abs(q[i]-level) > 1e-12 { // but for rounding
					t.Fatalf("level %v, test %d: p %v, q %v, the procedure flags it: %v", level, i, p[i], q[i], want)
				}
			}
		}
	})
}

func TestNoTestsHaveNoLevels(t *testing.T) {
	assert.Empty(t, families(nil).levels())
}

// Tests that cannot give so small a p do not make others pay: the only one that can is flagged as if it were alone.
func TestDiscreteTestsCostNothingBelowTheirLeastP(t *testing.T) {
	tests := []trial{{p: 0.04, least: 0.001}}
	for range 50 {
		tests = append(tests, trial{p: 1, least: 0.05}, trial{p: 1, least: 1e-9, single: true})
	}
	adjusted, least := adjust(tests)
	assert.InDelta(t, 0.04, adjusted[0], 1e-6)
	assert.InDelta(t, 0.04, least, 1e-6)
	tests = append(tests, trial{p: 1})
	adjusted, _ = adjust(tests)
	assert.InDelta(t, 0.08, adjusted[0], 1e-6, "one that can give any p costs as much again")
}
