package compare

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// rates tests whether two counts come from one rate, given their sum: B's part is binomial with the share of B's exposure
// (J. Przyborowski and H. Wilenski, Biometrika 31, 1940). Counts need not be whole: the binomial tail is an incomplete beta
// function. It returns the two-sided p, twice the smaller tail.
func rates(a, b tally) float64 {
	if !(a.exposure > 0) || !(b.exposure > 0) || !(a.seen+b.seen > 0) {
		return 1
	}
	share := b.exposure / (a.exposure + b.exposure)
	return min(1, 2*min(binomialTail(b.seen, a.seen, share), binomialTail(a.seen, b.seen, 1-share)))
}

// binomialTail is the probability of x or more out of x + y, each with probability p.
func binomialTail(x, y, p float64) float64 {
	if x <= 0 {
		return 1
	}
	if y <= 0 {
		return math.Pow(p, x)
	}
	return mathext.RegIncBeta(x, y+1, p)
}

// attainable is the smallest p that rates could give for this sum of counts, whatever their split.
func attainable(a, b tally) float64 {
	if !(a.exposure > 0) || !(b.exposure > 0) {
		return 1
	}
	share := b.exposure / (a.exposure + b.exposure)
	n := a.seen + b.seen
	return min(1, 2*min(math.Pow(share, n), math.Pow(1-share, n)))
}

// fisher is the p of Fisher's exact test for two shares, of which that of b may be larger or smaller: see either. Counts are
// rounded to whole ones. The table itself counts for one half in both directions: H. O. Lancaster's mid-p (JASA 56, 1961), for the test is
// conservative without, and counts are estimates here anyway.
func fisher(a, b tally) float64 {
	x, y := math.Round(a.seen), math.Round(b.seen)
	n, m := max(x, math.Round(a.exposure)), max(y, math.Round(b.exposure))
	if n == 0 || m == 0 || x+y == 0 {
		return 1
	}
	table := math.Exp(logChoose(n, x) + logChoose(m, y) - logChoose(n+m, x+y))
	return either(tailFrom(table, y, m, x, n)-table/2, tailFrom(table, x, n, y, m)-table/2)
}

// hypergeometricTail is the probability of x or more of x + y marked ones among n drawn out of n + m.
func hypergeometricTail(x, n, y, m float64) float64 {
	return tailFrom(math.Exp(logChoose(n, x)+logChoose(m, y)-logChoose(n+m, x+y)), x, n, y, m)
}

// tailFrom is hypergeometricTail where the probability of exactly x is known. Terms are summed from x upwards, each from the one before, until
// the rest is negligible.
func tailFrom(table, x, n, y, m float64) float64 {
	marked := x + y
	last := min(n, marked)
	if x <= max(0, marked-m) {
		return 1
	}
	term := table
	sum := term
	for k := x; k < last; k++ {
		term *= (n - k) * (marked - k) / ((k + 1) * (m - marked + k + 1))
		sum += term
		if term < sum*1e-12 {
			break
		}
	}
	return min(1, sum)
}

func logChoose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}

// attainableFisher is the smallest p that Fisher's test could give for this number of errors on both sides.
func attainableFisher(a, b tally) float64 {
	errs := math.Round(a.seen) + math.Round(b.seen)
	n, m := math.Round(a.exposure), math.Round(b.exposure)
	if errs == 0 || n < 1 || m < 1 {
		return 1
	}
	all := func(n, m float64) float64 { // all errors on the side of n
		if errs > n {
			return 0
		}
		return math.Exp(logChoose(n, errs) - logChoose(n+m, errs))
	}
	return either(all(m, n)/2, all(n, m)/2)
}
