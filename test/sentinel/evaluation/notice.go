package main

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
)

// noticeRate is traces a second.
const noticeRate = 10

// notice measures how long it takes from the beginning of a loss to the first sign of it, with the default times.
func notice(o *options, p *scorecard.Part) error {
	s, err := stream(noticeRate)
	if err != nil {
		return err
	}
	late := verify.DefaultLateAfter
	t := scorecard.NewTable("loss", "trials", "mean", "longest")
	for _, one := range []struct {
		name  string
		class rehearsal.Class
		share float64
		lasts time.Duration
	}{
		{"all traces", rehearsal.Loss, 1, 10 * time.Second},
		{"1 % of the batches", rehearsal.BatchLoss, 0.01, 90 * time.Second},
		{"1 % of the traces", rehearsal.Loss, 0.01, 90 * time.Second},
	} {
		var mu sync.Mutex
		var times []float64
		missed := 0
		trials := max(20, o.trials/3)
		err := parallel(trials, func(i int) error {
			set := rehearsal.Setting{
				Stream: s, LateAfter: late, LostAfter: verify.DefaultLostAfter, Share: one.share, Lasts: one.lasts, Direct: true, NoticeOnly: true,
			}
			outcome, err := set.Trial(one.class, rehearsal.PipelineEnd, o.seed+uint64(i))
			mu.Lock()
			defer mu.Unlock()
			if outcome.Onset < 0 {
				missed++
				return err
			}
			times = append(times, outcome.Onset.Seconds())
			return err
		})
		if err != nil {
			return err
		}
		mean, deviation, longest := moments(times)
		t.Row(one.name, strconv.Itoa(trials), fmt.Sprintf("%.1f s", mean), fmt.Sprintf("%.1f s", longest))
		if one.share == 1 {
			p.Target(missed == 0 && longest <= late.Seconds()+2, "100 % loss noticed within", fmt.Sprintf("late_after + 2 s = %.0f s", late.Seconds()+2), "%.1f s at most", longest)
			continue
		}
		want := late.Seconds() + 10
		p.Target(missed == 0 && mean <= want, "loss of "+one.name+" noticed, on average, within", fmt.Sprintf("late_after + 10 s = %.0f s", want),
			"%.1f s (± %.1f)", mean, 1.96*deviation/math.Sqrt(float64(len(times))))
	}
	p.Section("How soon a loss is noticed", fmt.Sprintf("%d traces a second, late_after %v and lost_after %v as by default, the generator's manifests on a road of their own. "+
		"Counted from the moment the fault begins, the wait for the first trace that it meets included: the first of 1 %% of the traces comes after 10 s on average.",
		noticeRate, late, verify.DefaultLostAfter), t.String())
	return nil
}

func moments(values []float64) (mean, deviation, longest float64) {
	for _, v := range values {
		mean += v / float64(len(values))
		longest = max(longest, v)
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, math.Sqrt(deviation), longest
}
