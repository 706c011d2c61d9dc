package main

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"

	"github.com/assayhq/assay/test/tracediff/simulation"
)

// observed is what simpler rules look at: the calls to each operation in one window.
type observed struct {
	durations [][]float64 // ns, sorted
	means     []float64
}

func observe(s *simulation.System, traces []simulation.Trace) *observed {
	o := &observed{durations: s.Durations(traces)}
	for i := range o.durations {
		sort.Float64s(o.durations[i])
		o.means = append(o.means, stat.Mean(o.durations[i], nil))
	}
	return o
}

// rules are simpler ways to tell which operations changed in latency.
var rules = []struct {
	name string
	flag func(a, b *observed) []bool
}{
	{"any delta", func(a, b *observed) []bool {
		// The tutorial's: mean in whole microseconds, or number of calls.
		return each(a, b, func(i int) bool {
			return math.Floor(a.means[i]/1000) != math.Floor(b.means[i]/1000) || len(a.durations[i]) != len(b.durations[i])
		})
	}},
	{"mean 10 %", func(a, b *observed) []bool {
		return each(a, b, func(i int) bool { return math.Abs(b.means[i]/a.means[i]-1) > 0.1 })
	}},
	{"KS with FDR", kolmogorovSmirnov},
}

// each asks a rule about every operation that both windows have.
func each(a, b *observed, flag func(i int) bool) []bool {
	f := make([]bool, len(a.durations))
	for i := range f {
		f[i] = len(a.durations[i]) > 0 && len(b.durations[i]) > 0 && flag(i)
	}
	return f
}

// kolmogorovSmirnov tests each operation with the two-sample test and its asymptotic distribution, and flags by
// Benjamini-Hochberg at 5 %.
func kolmogorovSmirnov(a, b *observed) []bool {
	p := make([]float64, len(a.durations))
	var tested []float64
	for i := range p {
		p[i] = 2
		n, m := float64(len(a.durations[i])), float64(len(b.durations[i]))
		if n == 0 || m == 0 {
			continue
		}
		d := stat.KolmogorovSmirnov(a.durations[i], nil, b.durations[i], nil)
		p[i] = kolmogorov(d * math.Sqrt(n*m/(n+m)))
		tested = append(tested, p[i])
	}
	slices.Sort(tested)
	limit := -1.0
	for rank, v := range tested {
		if v <= 0.05*float64(rank+1)/float64(len(tested)) {
			limit = v
		}
	}
	flags := make([]bool, len(p))
	for i := range p {
		flags[i] = p[i] <= limit
	}
	return flags
}

// kolmogorov is the probability that Kolmogorov's distribution is above x.
func kolmogorov(x float64) float64 {
	if x < 0.2 {
		return 1
	}
	var sum float64
	for k := 1.0; k <= 100; k++ {
		term := math.Exp(-2 * k * k * x * x)
		sum += math.Copysign(term, math.Mod(k, 2)-0.5)
		if term < 1e-12 {
			break
		}
	}
	return min(1, max(0, 2*sum))
}
