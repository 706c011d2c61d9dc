package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// Small tables, worked out by hand: R. A. Fisher's tea tasting, and errors that are all on one side.
func TestFisherAgreesWithTables(t *testing.T) {
	oneSide := 1.0 // ten errors, none of them among the first thousand
	for i := range 10 {
		oneSide *= float64(1000-i) / float64(2000-i)
	}
	for _, tt := range []struct {
		name string
		a, b tally
		p    float64
	}{
		{"tea", tally{1, 4}, tally{3, 4}, (17.0 - 16.0/2) / 70 / 0.8},
		{"errors appear", tally{0, 1000}, tally{10, 1000}, oneSide / 2 / 0.8},
		{"errors disappear", tally{10, 1000}, tally{0, 1000}, oneSide / 2 / 0.2},
		{"equal", tally{5, 100}, tally{5, 100}, 0.5 / 0.8},
		{"none", tally{0, 100}, tally{0, 100}, 1},
		{"nothing seen at all", tally{0, 0}, tally{3, 5}, 1},
	} {
		assert.InDelta(t, tt.p, fisher(tt.a, tt.b), 1e-9, tt.name)
	}
}

// Enumeration of all tables is the definition.
func TestFisherTailIsASumOverTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := float64(rapid.IntRange(1, 40).Draw(t, "n")), float64(rapid.IntRange(1, 40).Draw(t, "m"))
		x := float64(rapid.IntRange(0, int(n)).Draw(t, "x"))
		y := float64(rapid.IntRange(0, int(m)).Draw(t, "y"))
		var want float64
		for k := x; k <= min(n, x+y); k++ {
			if x+y-k <= m {
				want += math.Exp(logChoose(n, k) + logChoose(m, x+y-k) - logChoose(n+m, x+y))
			}
		}
		if got := hypergeometricTail(x, n, y, m); math.Abs(got-want) > 1e-9 {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestBinomialTailIsASumOfProbabilities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := float64(rapid.IntRange(0, 60).Draw(t, "x")), float64(rapid.IntRange(0, 60).Draw(t, "y"))
		p := rapid.Float64Range(0.01, 0.99).Draw(t, "p")
		var want float64
		for k := x; k <= x+y; k++ {
			want += distuv.Binomial{N: x + y, P: p}.Prob(k)
		}
		if x+y == 0 {
			want = 1
		}
		if got := binomialTail(x, y, p); math.Abs(got-want) > 1e-9 {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// No split of the same number of counts may give a smaller p than the attainable one: or else tests that could be flagged
// would be left out.
func TestNothingIsBelowWhatIsAttainable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := float64(rapid.IntRange(1, 200).Draw(t, "n")), float64(rapid.IntRange(1, 200).Draw(t, "m"))
		x := float64(rapid.IntRange(0, int(n)).Draw(t, "x"))
		y := float64(rapid.IntRange(0, int(m)).Draw(t, "y"))
		a, b := tally{x, n}, tally{y, m}
		if fisher(a, b) < attainableFisher(a, b)*(1-1e-9) {
			t.Fatalf("fisher %v below %v", fisher(a, b), attainableFisher(a, b))
		}
		if rates(a, b) < attainable(a, b)*(1-1e-9) {
			t.Fatalf("rates %v below %v", rates(a, b), attainable(a, b))
		}
	})
}

func TestStudentAgreesWithItsDistribution(t *testing.T) {
	for _, df := range []float64{4, 5.5, 7, 30, 59.5, 400, 5000} {
		d := distuv.StudentsT{Sigma: 1, Nu: df}
		for _, x := range []float64{0.1, 1, 2.5, 4} {
			assert.InEpsilon(t, 2*d.CDF(-x), part{variance: 4, df: df}.twoSided(2*x), 0.1, "df %v, t %v", df, x)
		}
		assert.InEpsilon(t, d.Quantile(0.975), quantile975(df), 0.005, "df %v", df)
	}
	assert.InDelta(t, 1.959964, quantile975(math.Inf(1)), 1e-6)
	assert.InDelta(t, 1, part{}.twoSided(0), 0, "no variance says nothing")
}
