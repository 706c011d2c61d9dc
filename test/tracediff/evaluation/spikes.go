package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/assayhq/assay/test/scorecard"
)

// spikes measures whether changes are noticed that are over before the next window is.
func spikes(_ context.Context, o *options, p *scorecard.Part) error {
	const length, size = time.Minute, 1000
	shares := []float64{0.2, 0.4, 0.7, 1}
	heads := []string{"change"}
	for _, s := range shares {
		heads = append(heads, scorecard.Number(s, 1)+" windows")
	}
	t := scorecard.NewTable(heads...)
	progress("spikes")
	for i := range kinds {
		cells := []string{kinds[i].name}
		for _, s := range shares {
			got := kinds[i].spikes(o.onsets, length, size, s) //nolint:contextcheck // windows in memory are read at once
			cells = append(cells, got.interval())
		}
		t.Row(cells...)
	}
	p.Section("Spikes",
		fmt.Sprintf("Changes that last for a part of a window of one minute, with onsets spread uniformly over it (so that some are cut by its end), %d\n"+
			"calls a window, default baselines: flagged at all, at their place and in the right direction, in a window that has a part of them.", size), t.String())
	return nil
}

// spikes runs a kind of change that lasts for so many windows.
func (k *kind) spikes(runs int, length time.Duration, size, share float64) of {
	var got of
	var mu sync.Mutex
	parallel(runs, func(n int) {
		e := newEpisode(newSite(n%systems, shapes[0], size), k, length, 1<<10+n)
		e.from = warm + (float64(n)+0.5)/float64(runs)
		e.until = e.from + share
		r := newRun(length, defaultBaselines()...)
		noticed := false
		for float64(e.played) < e.until {
			for _, d := range r.next(e.next()).diffs {
				noticed = noticed || e.played > warm && k.shown(e.site, d)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		got.add(noticed)
	})
	return got
}
