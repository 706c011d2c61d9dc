package main

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
	"github.com/assayhq/assay/test/sentinel/samplers"
)

// Settings of the runs in which a part is lost behind a tail sampler.
const (
	sampledWarm = 15 * time.Minute
	sampledMost = 20 * time.Minute
)

// sampled measures how long it takes from the beginning of a partial loss behind a tail sampler to the first sign of it, with the default times.
func sampled(o *options, p *scorecard.Part) error {
	s, err := stream(noticeRate)
	if err != nil {
		return err
	}
	t := scorecard.NewTable("lost of what is kept", "sampler", "runs", "by manifests, mean", "longest", "by totals, mean", "longest", "by neither")
	runs := max(4, o.trials/50)
	var missed, early, all int
	var byManifests, byTotals []float64
	for _, one := range []struct {
		name   string
		weak   float64
		losses []float64
	}{{"keeps 20 % of ordinary traces", 0.2, []float64{0.5, 0.2, 0.05}}, {"keeps 5 % of ordinary traces", 0.05, []float64{0.5, 0.2}}} {
		for _, share := range one.losses {
			var mu sync.Mutex
			var manifests, totals []float64
			neither := 0
			err := parallel(runs, func(i int) error {
				set := rehearsal.Setting{Stream: s, LateAfter: verify.DefaultLateAfter, LostAfter: verify.DefaultLostAfter}
				m, t, before, err := set.SampledLoss(samplers.Honest(1, one.weak), share, sampledWarm, sampledMost, o.seed+uint64(i))
				mu.Lock()
				defer mu.Unlock()
				all++
				if before {
					early++
				}
				if m >= 0 {
					manifests = append(manifests, m.Seconds())
				}
				if t >= 0 {
					totals = append(totals, t.Seconds())
				}
				if m < 0 && t < 0 {
					neither++
				}
				return err
			})
			if err != nil {
				return err
			}
			missed += neither
			if share == 0.2 {
				byManifests = append(byManifests, manifests...)
			}
			if share == 0.5 {
				byTotals = append(byTotals, totals...)
			}
			t.Row(fmt.Sprintf("%.0f %%", 100*share), one.name, strconv.Itoa(runs), meanOf(manifests), longestOf(manifests), meanOf(totals), longestOf(totals), strconv.Itoa(neither))
		}
	}
	late := verify.DefaultLateAfter.Seconds()
	mean, _, _ := moments(byManifests)
	p.Target(len(byManifests) == 2*runs && mean <= late+60, "20 % of all lost behind a tail sampler, noticed on average within", fmt.Sprintf("late_after + 1 min = %.0f s", late+60), "%.1f s", mean)
	mean, _, longest := moments(byTotals)
	p.Target(len(byTotals) == 2*runs && longest <= 600, "half lost of what it keeps but the manifests, noticed within", "10 min", "%.1f s on average, %.1f s at most", mean, longest)
	p.Target(missed == 0 && early == 0, "runs in which it is not noticed, or before it began", "0", "%d of %d", missed+early, all)
	p.Section("Partial loss behind a tail sampler", fmt.Sprintf("%d traces a second, late_after %v and lost_after %v, no wait. A sampler that keeps all failing and slow traces, and the manifests by a "+
		"rule, works for %v; then a share of whole traces is lost behind it, manifests among them. What does not look at the content of traces loses as many of the manifests. "+
		"The totals are those of the oracle, which does not go by manifests: that is how soon a loss shows that spares them.", noticeRate, verify.DefaultLateAfter, verify.DefaultLostAfter, sampledWarm), t.String())
	return nil
}

func meanOf(values []float64) string {
	if len(values) == 0 {
		return "-"
	}
	mean, _, _ := moments(values)
	return fmt.Sprintf("%.0f s", mean)
}

func longestOf(values []float64) string {
	if len(values) == 0 {
		return "-"
	}
	_, _, longest := moments(values)
	return fmt.Sprintf("%.0f s", longest)
}
