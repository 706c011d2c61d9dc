package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"

	"gonum.org/v1/gonum/stat"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// sampledRequests is the size of windows that are sampled.
const sampledRequests = 20_000

// sampled measures whether diffs of sampled data are unbiased, and as careful as those of all of it.
func sampled(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("sampled", "quantities", "largest bias beyond 2 SE", "beyond 1 % + 2 SE", "expected by chance", "no change: runs with a flag", "latency x1.5 flagged", "errors 0.5 to 2 % flagged")
	worst, beyond, expected := 0.0, 0, 0.0
	for _, probability := range []float64{1, 0.1, 0.01} {
		progress("sampled: %v", probability)
		s := rekeyed(o, probability)
		t.Row(scorecard.Number(100*probability, 0)+" %", strconv.Itoa(s.quantities), scorecard.Number(100*s.worst, 2)+" %", strconv.Itoa(s.beyond), scorecard.Number(s.expected, 1),
			s.quiet.interval(), s.latency.interval(), s.errors.interval())
		worst, beyond, expected = max(worst, s.worst), beyond+s.beyond, expected+s.expected
	}
	p.Target(float64(beyond) <= expected+2*math.Sqrt(expected), fmt.Sprintf("bias under 100, 10 and 1 %% consistent sampling, %d re-keyed seeds", o.rekeyed),
		"within 1 % + 2 standard errors, but for what chance lets out", "%d quantities beyond, %s expected by chance; largest bias beyond 2 SE %s %%", beyond, scorecard.Number(expected, 1), scorecard.Number(100*worst, 2))
	p.Section("Sampled data",
		fmt.Sprintf("Three windows of some %d requests, one of them with a change, sampled %d times by the randomness of fresh trace ids. Quantities:\n"+
			"rate, calls per trace, error share and mean latency of the total, the services and the changed operation; their mean over all runs\n"+
			"against the truth. A quantity without any bias is beyond 2 standard errors once in 22 times; 1 %% is allowed besides.", sampledRequests, o.rekeyed),
		t.String())
	return nil
}

type sampledResult struct {
	quantities, beyond     int
	worst, expected        float64
	quiet, latency, errors of
}

// rekeyed samples windows over and over.
func rekeyed(o *options, probability float64) *sampledResult {
	w := newWorld(3, sampledRequests)
	op, _ := w.target()
	a, b := w.play(1<<27, failing(0.005)(op)...), w.play(1<<27+1, failing(0.005)(op)...)
	slow, bad := w.play(1<<27+2, append(slower(1.5)(op), failing(0.005)(op)...)...), w.play(1<<27+3, failing(0.02)(op)...)
	truth := quantities(compare.Compare(w.snapshot(a, 0), w.snapshot(slow, 1), nil, compare.DefaultThresholds()), w.operation(op))
	got := make(map[string][]float64, len(truth))
	s := &sampledResult{}
	var mu sync.Mutex
	parallel(o.rekeyed, func(n int) {
		take := func(traces []simulation.Trace, k int) *snapshot.Snapshot {
			return w.system.Snapshot(traces, at(k), simulation.Sampling{Probability: probability, Seed: uint64(4*n + k)})
		}
		x := take(a, 0)
		none := compare.Compare(x, take(b, 1), nil, compare.DefaultThresholds())
		latency := compare.Compare(x, take(slow, 2), nil, compare.DefaultThresholds())
		fails := compare.Compare(x, take(bad, 3), nil, compare.DefaultThresholds())
		mu.Lock()
		defer mu.Unlock()
		s.quiet.add(flagged(none) > 0)
		_, hit := verdictOn(latency, w.operation(op), compare.Latency)
		s.latency.add(hit)
		_, hit = verdictOn(fails, w.operation(op), compare.Errors)
		s.errors.add(hit)
		for name, v := range quantities(latency, w.operation(op)) {
			got[name] = append(got[name], v)
		}
	})
	s.judge(truth, got)
	return s
}

// judge compares means with the truth.
func (s *sampledResult) judge(truth map[string]float64, got map[string][]float64) {
	for name, want := range truth {
		if want == 0 {
			continue
		}
		for len(got[name]) < s.quiet.all {
			got[name] = append(got[name], 0) // nothing of the group was sampled
		}
		mean, sd := stat.MeanStdDev(got[name], nil)
		bias, se := math.Abs(mean/want-1), sd/math.Sqrt(float64(len(got[name])))/want
		s.quantities++
		s.worst = max(s.worst, bias-2*se)
		if bias > 0.01+2*se {
			s.beyond++
		}
		if se > 0 {
			s.expected += math.Erfc((0.01/se + 2) / math.Sqrt2)
		}
	}
}

// quantities are the estimates on side B. Ratios are those of sums, as everywhere in a diff.
func quantities(d *compare.Diff, op snapshot.Identity) map[string]float64 {
	q := map[string]float64{}
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Measure != compare.Latency || c.Kind != snapshot.Total && c.Kind != snapshot.Service && c.Identity != op {
			continue
		}
		name := string(c.Kind) + " " + c.Service + " " + c.Value
		q[name+" rate"], q[name+" calls"], q[name+" mean"] = c.B.Rate, c.B.PerTrace, c.B.Mean
		q[name+" errors"] = c.B.Rate * c.B.ErrorShare
	}
	return q
}
