package scenarios

import (
	"fmt"
	"math"

	"github.com/assayhq/assay/internal/simulate"
)

// Suspect is a quantity that seems to be recovered wrongly.
type Suspect struct{ Name, What string }

// Suspects tells which totals look biased, or have 95 % intervals that hold too seldom or too often. Of a thousand sound
// summaries three have a suspect for its mean.
func (s *Scenario) Suspects(sum *simulate.Summary) []Suspect {
	var out []Suspect
	limit := Limit(len(sum.Quantities))
	slack := 2 * math.Sqrt(0.05*0.95/float64(sum.Seeds))
	for i := range sum.Quantities {
		q := &sum.Quantities[i]
		if q.Exact {
			continue
		}
		if math.Abs(q.Bias) > limit {
			out = append(out, Suspect{q.Name + ", mean", fmt.Sprintf("off by %.1f standard errors: %.1f, not %.1f", q.Bias, q.Estimate, q.Truth)})
		}
		if q.Enough() && !s.Uneven && (q.Coverage < 0.93-slack || q.Coverage > 0.97+slack) {
			out = append(out, Suspect{q.Name + ", interval", fmt.Sprintf("holds in %.1f %% of the runs", 100*q.Coverage)})
		}
	}
	return out
}

// Limit is beyond how many standard errors one of n estimates lies as seldom as a single one lies beyond 3.
func Limit(n int) float64 {
	beyond := math.Erfc(3/math.Sqrt2) / float64(max(1, n))
	return math.Sqrt2 * math.Erfcinv(beyond)
}
