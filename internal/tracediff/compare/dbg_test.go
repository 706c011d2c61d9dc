package compare_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

func TestDbg(t *testing.T) {
	for _, name := range []string{"../../../../../tmp/cut/tt0130a_quiet", "../../../../../tmp/cut/ob0822_quiet"} {
		rec := record(t, name)
		block := rec.extent.End.Sub(rec.extent.Start) / 50
		fmt.Println(name, rec.extent.End.Sub(rec.extent.Start))
		for n := range 40 {
			r := rand.New(rand.NewPCG(uint64(n), 5))
			var deal [51]bool
			for i := range deal {
				deal[i] = r.IntN(2) == 0
			}
			a := rec.half(t, block, func(i int) bool { return deal[i] })
			b := rec.half(t, block, func(i int) bool { return !deal[i] })
			d := compare.Compare(a, b, nil, compare.DefaultThresholds())
			if d.Changes[0].Flagged {
				fmt.Println(n, "FLAGGED", len(d.Causes))
			}
			for _, c := range d.Changes {
				if c.Flagged {
					fmt.Printf("%d %v %v %.3g (%.3g %.3g) p %.2g q %.2g on %v end %v traces %d %d wait %.3g %.3g\n", n, c.Identity, c.Measure, c.Effect, c.Low, c.High, c.P, c.Q, c.Onset.Sub(a.Start).Seconds(), c.Ended.Sub(a.Start).Seconds(), c.A.Traces, c.B.Traces, c.A.GeoWait, c.B.GeoWait)
				}
			}
		}
	}
}
