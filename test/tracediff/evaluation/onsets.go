package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/scorecard"
)

const (
	warm     = 8  // windows before a change, from which the usual is learned
	within   = 3  // windows within which a change that lasts is to be flagged
	patience = 12 // windows for which an alert is waited for
)

var lengths = []time.Duration{15 * time.Second, time.Minute, 10 * time.Minute}

// onset is what was seen of changes that begin somewhere within a window and last.
type onset struct {
	whole   of // flagged where the last window before it is compared with the first that is wholly changed, without history
	flagged of
	alerted of
	times   []float64 // from the onset to the alert, s; +Inf: none within patience
}

func (o *onset) add(other *onset) {
	o.whole.join(other.whole)
	o.flagged.join(other.flagged)
	o.alerted.join(other.alerted)
	o.times = append(o.times, other.times...)
}

// onsets measures how soon changes are noticed wherever in a window they begin.
func onsets(_ context.Context, o *options, p *scorecard.Part) error {
	sizes := []float64{300, 1000, 5000}
	if o.quick {
		sizes = []float64{1000}
	}
	t := scorecard.NewTable("window", "calls a window", "change", "whole windows", "flagged within 3 windows", "alert within 12", "onset to alert, median", "95th percentile")
	for _, length := range lengths {
		all, worst, name := onset{}, of{}, ""
		for _, size := range sizes {
			progress("onsets: %v, %v calls", length, size)
			for i := range kinds {
				got := kinds[i].onsets(o.onsets, length, size, 0) //nolint:contextcheck // windows in memory are read at once
				t.Row(short(length), scorecard.Number(size, 0), kinds[i].name, got.whole.String(), got.flagged.interval(), got.alerted.interval(),
					got.quantile(0.5), got.quantile(0.95))
				if size < max(enoughCalls, kinds[i].least) {
					continue
				}
				all.add(got)
				if worst.all == 0 || got.flagged.share() < worst.share() {
					worst, name = got.flagged, kinds[i].name
				}
			}
		}
		p.Target(all.flagged.share() >= 0.95, fmt.Sprintf("onsets anywhere in windows of %s, all kinds from 1,000 calls a window (few long calls: 5,000): flagged within three windows", short(length)),
			"at least 95 %", "%s; worst: %s, %s; onset to alert: median %s, 95th percentile %s", all.flagged.interval(), name, worst, all.quantile(0.5), all.quantile(0.95))
	}
	p.Section("Onsets anywhere in a window",
		fmt.Sprintf("Changes that last, with onsets spread uniformly over a window, default baselines, after %d windows without a change; client spans\n"+
			"have generic names. Flagged: at the place of the change, in the right direction, in the window of the onset or one of the next two.\n"+
			"For comparison, whole windows: the last before the onset against the first that is wholly changed, without history. The time from the onset to the first alert ends with the window that brings it; a collector adds its lateness. \"Never\" is not within %d windows.", warm, patience),
		t.String())
	return nil
}

// onsets runs a kind of change so many times.
func (k *kind) onsets(runs int, length time.Duration, size, sampled float64) *onset {
	got := &onset{}
	var mu sync.Mutex
	parallel(runs, func(n int) {
		e := newEpisode(newSite(n%systems, shapes[0], size), k, length, n)
		e.from, e.sampled = warm+(float64(n)+0.5)/float64(runs), sampled
		r := newRun(length, defaultBaselines()...)
		var before *snapshot.Snapshot
		for range warm {
			before = e.next()
			r.next(before)
		}
		whole, noticed, alert := false, false, math.Inf(1)
		for i := 0; i < patience && (i < within || math.IsInf(alert, 1)); i++ {
			s := e.next()
			out := r.next(s)
			if i == 1 {
				whole = k.shown(e.site, compare.Compare(before, s, nil, compare.DefaultThresholds()))
			}
			for _, d := range out.diffs {
				noticed = noticed || i < within && k.shown(e.site, d)
			}
			if len(out.fired) > 0 && math.IsInf(alert, 1) {
				alert = (float64(e.played) - e.from) * length.Seconds()
			}
		}
		mu.Lock()
		defer mu.Unlock()
		got.whole.add(whole)
		got.flagged.add(noticed)
		got.alerted.add(!math.IsInf(alert, 1))
		got.times = append(got.times, alert)
	})
	return got
}

// quantile of the times to alert.
func (o *onset) quantile(q float64) string {
	if len(o.times) == 0 {
		return "-"
	}
	slices.Sort(o.times)
	v := o.times[min(len(o.times)-1, int(q*float64(len(o.times))))]
	if math.IsInf(v, 1) {
		return "never"
	}
	return short(time.Duration(v * float64(time.Second)).Round(time.Second))
}

// short writes a duration without what is zero.
func short(d time.Duration) string {
	switch {
	case d >= time.Minute && d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d >= 10*time.Minute:
		return scorecard.Number(d.Minutes(), 1) + " min"
	}
	return scorecard.Number(d.Seconds(), 0) + " s"
}
