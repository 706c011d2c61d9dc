package oracle

import (
	"fmt"
	"math"
)

// The traces of a sort, from the oldest to the newest:
//
//	base ................ | part | part | ... | part, being filled |
//	                                    └── the last 2, 4, 8 or 16 parts: are they as those before them?
//
// Where the kept ones have the same adjusted counts as before, on average, what chance may do is known from before, better than from the few
// of a short time: were some of them lost, an estimate from what is left would be too low, or, with what is not seen thought to be the most improbable
// of all, so high that nothing is found for long. Where the adjusted counts have changed, the sampler has, and only all traces together say something.
// Where some traces of a sort are kept for certain and the rest one time in 500, what chance may do is not known from before as long as none of the
// rest has been kept: then those before do not add up either, which shows it.
const (
	partLength = 600 // traces of all sorts
	parts      = 16
	fewestKept = 20  // in the last parts, for them to be judged by themselves
	before     = 2.0 // times as many traces must have been before
	alike      = 1.5 // how much the mean adjusted count may have changed, either way
	drifts     = 1.25
	standsFor  = 0.2 // of those before, that the kept ones among them may be off
)

// sums is what is known of traces of one sort.
type sums struct{ all, kept, total, variance float64 }

// sort is a sort of traces.
type sort struct {
	base   sums
	recent [parts]sums
}

func (s *sums) add(kept bool, weight float64) {
	s.all++
	if kept {
		s.kept++
		s.total += weight
		s.variance += weight * (weight - 1)
	}
}

func (s *sums) merge(o *sums) {
	s.all, s.kept, s.total, s.variance = s.all+o.all, s.kept+o.kept, s.total+o.total, s.variance+o.variance
}

// less is the sums without those of o.
func (s *sums) less(o *sums) sums {
	return sums{s.all - o.all, s.kept - o.kept, s.total - o.total, s.variance - o.variance}
}

func (s *sums) halve() {
	s.all, s.kept, s.total, s.variance = s.all/2, s.kept/2, s.total/2, s.variance/2
}

// estimate says whether the kept ones cannot stand for all, heaviest being the largest adjusted count that there may be.
func (s *sums) estimate(heaviest float64) string {
	if s.all < leastPer {
		return ""
	}
	return s.off(s.variance + max(0, s.all-s.total)*(heaviest-1))
}

// off says by how much the total is off, if that cannot be chance.
func (s *sums) off(variance float64) string {
	off := s.total - s.all
	if math.Abs(off) < 0.5 || off*off <= certain*certain*variance {
		return ""
	}
	return fmt.Sprintf("the kept ones stand for %.0f, there were %.0f; chance makes that ± %.0f at most", s.total, s.all, certain*math.Sqrt(variance))
}

// last sums up the last parts, part being the one that is filled.
func (s *sort) last(part, n int) (sum sums) {
	for i := range n {
		sum.merge(&s.recent[(part-i+parts)%parts])
	}
	return sum
}

// change says whether the last traces are not as those before them.
func (s *sort) change(part int) string {
	all := s.last(part, parts)
	all.merge(&s.base)
	for n := 2; n <= parts; n *= 2 {
		last := s.last(part, n)
		old := all.less(&last)
		if last.all < leastPer || last.kept < fewestKept || old.kept < enough || old.all < before*last.all {
			continue
		}
		if math.Abs(old.total-old.all) > standsFor*old.all {
			continue
		}
		if change := (last.total / last.kept) / (old.total / old.kept); change > alike || change < 1/alike {
			continue
		}
		variance := drifts*max(last.variance, old.variance/old.all*last.all) + max(0, last.all-last.total) // as if they were kept one time in two at least
		if problem := last.off(variance); problem != "" {
			return "lately " + problem
		}
	}
	return ""
}

// repair forgets what is wrong with all traces, where that was over before the last ones, which would show it, and says whether it was.
func (s *sort) repair(part int, all *sums) bool {
	share := math.Abs(all.total-all.all) / all.all
	for n := 2; n <= parts; n *= 2 {
		last := s.last(part, n)
		if last.all < leastPer || last.kept < fewestKept || last.all > 0.9*all.all || certain*math.Sqrt(last.variance) > share*last.all ||
			math.Abs(last.total-last.all) > share*last.all/4 {
			continue
		}
		s.base = sums{}
		for i := n; i < parts; i++ {
			s.recent[(part-i+parts)%parts] = sums{}
		}
		return true
	}
	return false
}
