package compare

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// part is one source of the variance of a difference.
type part struct {
	variance float64
	df       float64
}

// welch adds independent variances up. The degrees of freedom of the sum are those of B. L. Welch, Biometrika 34 (1947),
// after F. E. Satterthwaite (1946).
func welch(parts ...part) part {
	var sum, over float64
	for _, p := range parts {
		sum += p.variance
		over += p.variance * p.variance / p.df
	}
	if !(over > 0) {
		return part{sum, math.Inf(1)}
	}
	return part{sum, sum * sum / over}
}

// harmful is the share of the level that goes to changes for the worse: slower, more errors. The rest is for those to the
// better, which wait.
const harmful = 0.8

// either is the p of a test that looks both ways, but not with the same attention, from the p of each direction.
func either(worse, better float64) float64 { return min(1, worse/harmful, better/(1-harmful)) }

// student is the p of a difference under Student's t distribution, of which a positive one is for the worse: see either.
func (p part) student(difference float64) float64 {
	tail := p.twoSided(difference) / 2
	if difference > 0 {
		return either(tail, 1-tail)
	}
	return either(1-tail, tail)
}

// twoSided is the p of a difference as large, in any direction.
func (p part) twoSided(difference float64) float64 {
	if !(p.variance > 0) {
		return 1
	}
	t2 := difference * difference / p.variance
	if p.df > normalFreedom {
		return math.Erfc(math.Sqrt(t2 / 2))
	}
	return mathext.RegIncBeta(p.df/2, 0.5, p.df/(p.df+t2))
}

// half is half the width of the 95 % confidence interval.
func (p part) half() float64 { return math.Sqrt(p.variance) * quantile975(p.df) }

// normalFreedom is from where on the normal distribution stands for Student's: its tail at four standard deviations is
// then off by a tenth of itself.
const normalFreedom = 1000

// quantiles975 are the 97.5 % quantiles for 1, 2, 3 ... degrees of freedom.
var quantiles975 = func() (q [60]float64) {
	for i := range q {
		q[i] = distuv.StudentsT{Sigma: 1, Nu: float64(i + 1)}.Quantile(0.975)
	}
	return q
}()

// quantile975 interpolates between them in 1/df, towards the normal one at 0.
func quantile975(df float64) float64 {
	const normal, last = 1.959964, len(quantiles975)
	if df >= float64(last) {
		return normal + (quantiles975[last-1]-normal)*float64(last)/df
	}
	df = max(df, 1)
	low := int(df)
	high := min(low+1, last)
	if low == high {
		return quantiles975[low-1]
	}
	part := (1/float64(low) - 1/df) / (1/float64(low) - 1/float64(high))
	return quantiles975[low-1] + part*(quantiles975[high-1]-quantiles975[low-1])
}
