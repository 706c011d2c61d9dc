package compare

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Online controls the rate of false discoveries over a sequence of diffs, of which nobody knows how long it goes on. One
// test of the sequence is one window under one baseline: has anything changed that lasts?
//
// It is LORD++ of A. Ramdas, F. Yang, M. Wainwright and M. Jordan, Online control of the false discovery rate with decaying
// memory (NIPS 2017): a budget W0 is spent over time, and each discovery earns more. Two things differ from its usual
// settings. The budget is spent evenly over a horizon, so that a collector is as watchful at midnight as in the morning;
// and with each horizon it begins anew, for otherwise a quiet month would leave nothing to spend. So the rate holds
// for each horizon: without any change, the probability of a false discovery within one is at most W0, half the rate.
type Online struct {
	Rate    float64 // of false discoveries; W0 is half of it
	Horizon int     // windows; a day of them by default
	At      int     // windows since the horizon began
	Found   []int   // windows since each discovery within the last horizon, oldest first
}

// Level is the p up to which the next test is a discovery.
func (o *Online) Level() float64 {
	w0 := o.Rate / 2
	sum := w0
	for i := range o.Found {
		earned := o.Rate
		if i == 0 {
			earned -= w0
		}
		sum += earned
	}
	return sum / float64(max(1, o.Horizon))
}

// Record takes in the outcome of a test.
func (o *Online) Record(discovery bool) {
	left := o.Found[:0]
	for _, age := range o.Found {
		if age+1 < o.Horizon {
			left = append(left, age+1)
		}
	}
	o.Found = left
	if discovery {
		o.Found = append(o.Found, 0)
	}
	if o.At++; o.At >= o.Horizon {
		o.At, o.Found = 0, nil
	}
}

// run gathers the evidence of windows in a row.
type run struct {
	Windows int
	Sum     float64 // of normal scores
}

func (r *run) add(q float64) {
	r.Windows++
	r.Sum += score(q)
}

// p of all windows together: the sum of their normal scores, which are correlated by one half because all of them are
// compared with the same frozen window (S. A. Stouffer's method for dependent tests, M. J. Strube, Psychological Bulletin
// 97, 1985). It falls as a change lasts.
func (r *run) p() float64 {
	k := float64(r.Windows)
	if k == 0 {
		return 1
	}
	return math.Erfc(r.Sum/math.Sqrt(k+k*(k-1)/2)/math.Sqrt2) / 2
}

// score is the normal score of a p: how many standard deviations out it is.
func score(p float64) float64 {
	return -mathext.NormalQuantile(min(max(p, 1e-30), 1-1e-12)) // math.Erfcinv is infinite below 1e-16
}
