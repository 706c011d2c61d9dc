package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
)

// Settings of the runs in which latency is measured.
const (
	latencyRate   = 4
	latencyLength = 30 * time.Minute
)

// backendsToTime are backends by how long they take to show a trace, and whether 99 % of the traces are there within the promised 15 s.
var backendsToTime = []struct {
	name string
	took func(r *rand.Rand) time.Duration
	kept bool
}{
	{"at once", func(*rand.Rand) time.Duration { return 20 * time.Millisecond }, true},
	{"log-normal, median 2 s, sigma 0.6", func(r *rand.Rand) time.Duration { return logNormal(r, 2, 0.6) }, true},
	{"12 s", func(*rand.Rand) time.Duration { return 12 * time.Second }, true},
	{"1 s, but 20 s for 3 of 1,000", func(r *rand.Rand) time.Duration { return mixed(r, 0.003) }, true},
	{"1 s, but 20 s for 5 %", func(r *rand.Rand) time.Duration { return mixed(r, 0.05) }, false},
	{"20 s", func(*rand.Rand) time.Duration { return 20 * time.Second }, false},
	{"log-normal, median 8 s, sigma 0.6", func(r *rand.Rand) time.Duration { return logNormal(r, 8, 0.6) }, false},
}

func logNormal(r *rand.Rand, median, sigma float64) time.Duration {
	return time.Duration(median * math.Exp(sigma*r.NormFloat64()) * float64(time.Second))
}

func mixed(r *rand.Rand, slow float64) time.Duration {
	if r.Float64() < slow {
		return 20 * time.Second
	}
	return time.Second
}

// latency measures how long traces take at backends of which it is known, with the default times.
func latency(o *options, p *scorecard.Part) error {
	s, err := stream(latencyRate)
	if err != nil {
		return err
	}
	t := scorecard.NewTable("backend shows a trace after", "runs", "p50", "measured", "p99", "measured", "early lookups", "told too slow after")
	runs := max(3, o.trials/100)
	var near, all, falsely, promised, noticed, broken int
	worst := 0.0
	for _, one := range backendsToTime {
		var mu sync.Mutex
		var results []rehearsal.Timed
		err := parallel(runs, func(i int) error {
			set := rehearsal.Setting{Stream: s, LateAfter: verify.DefaultLateAfter, LostAfter: verify.DefaultLostAfter}
			r, err := set.Ingest(one.took, slo.Default(), latencyLength, o.seed+uint64(i))
			mu.Lock()
			defer mu.Unlock()
			results = append(results, r)
			return err
		})
		if err != nil {
			return err
		}
		told := "never"
		for _, r := range results {
			if r.Observed == 0 || r.Unexpected > 0 {
				return fmt.Errorf("latency of %s: %d traces observed, %d verdicts that cannot be: such a run proves nothing", one.name, r.Observed, r.Unexpected)
			}
			for _, q := range [][2]float64{{r.P50, r.Measured50}, {r.P99, r.Measured99}} {
				off := math.Abs(q[1]-q[0]) / (0.5 + 0.25*q[0])
				worst, all = max(worst, off), all+1
				if off <= 1 {
					near++
				}
			}
			switch {
			case one.kept && r.Slow >= 0:
				falsely, promised, told = falsely+1, promised+1, "**"+r.Slow.String()+"**"
			case one.kept:
				promised++
			case r.Slow >= 0:
				noticed, broken, told = noticed+1, broken+1, r.Slow.String()
			default:
				broken++
			}
		}
		r := results[0]
		t.Row(one.name, strconv.Itoa(runs), seconds(r.P50), seconds(r.Measured50), seconds(r.P99), seconds(r.Measured99),
			fmt.Sprintf("%.1f %%", 100*float64(r.Early)/float64(r.Lookups)), told)
	}
	p.Target(near == all, "p50 and p99 measured at a backend, off by at most", "a quarter and half a second", "%d of %d (the worst by %.2f of that)", near, all, worst)
	p.Target(falsely == 0, "backends in time that are told too slow", "0", "%d of %d runs", falsely, promised)
	p.Target(noticed == broken, "backends too slow that are told so", "all", "%d of %d runs", noticed, broken)
	p.Section("Latency at a backend", fmt.Sprintf("%d traces a second for %v, late_after %v, p99 15s. A backend shows each trace as a whole only after a time that is known; "+
		"one trace every other second is looked for early. The columns beside p50 and p99 are of the first run. Early lookups are a share of all of them.",
		latencyRate, latencyLength, verify.DefaultLateAfter), t.String())
	return nil
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }
