package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

const (
	lastingWindows = 50 // for which a change lasts
	afterwards     = 6  // windows after its end
)

// lastingBaselines are the forms of baselines, for windows of one minute.
var lastingBaselines = []struct{ name, baseline string }{
	{"previous", "previous"},
	{"6 windows back", "6m"},
	{"version:previous", "version:previous"},
	{"pin", ""}, // the last window before the change; its id is known when it is played
}

// lasted is what became of alerts on changes that last.
type lasted struct {
	alerted  of
	kept     of        // no alert ended while the change lasted, but for those that say that their baseline was replaced
	replaced of        // of the runs with an alert: one ended that way
	ended    of        // of those in which alerts fired at the end: all ended within three windows
	windows  []float64 // from the end of the change until all alerts had ended
}

// lasting measures whether alerts last as long as what they are about.
func lasting(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("change", "baseline", "alert", "never resolved early", "baseline replaced", "fires at the end: resolved within 3 windows", "median")
	var kept, ended of
	for i := range kinds {
		progress("lasting: %s", kinds[i].name)
		for b, got := range kinds[i].lasting(o.lasting) { //nolint:contextcheck // windows in memory are read at once
			t.Row(kinds[i].name, lastingBaselines[b].name, got.alerted.String(), got.kept.interval(), got.replaced.String(), got.ended.String(), got.median())
			kept.join(got.kept)
			ended.join(got.ended)
		}
	}
	p.Target(kept.share() >= 0.99, fmt.Sprintf("changes that last %d windows, every kind and baseline: no alert resolved early", lastingWindows), "at least 99 %", "%s", kept.interval())
	p.Target(ended.share() >= 0.95, "changes that end: alerts resolved within three windows", "at least 95 %", "%s", ended.interval())
	p.Section("Changes that last, and end",
		fmt.Sprintf("Windows of one minute, 1,000 calls each: %d without a change, %d with it, %d after its end. The service gets a new version with the\n"+
			"change. An alert is resolved early where it ends while the change lasts and does not say that its baseline was replaced.", warm, lastingWindows, afterwards), t.String())
	return nil
}

// lasting runs a kind of change over many windows, once for each baseline.
func (k *kind) lasting(runs int) []lasted {
	got := make([]lasted, len(lastingBaselines))
	var mu sync.Mutex
	parallel(runs, func(n int) {
		e := newEpisode(newSite(n%systems, shapes[0], 1000), k, time.Minute, 1<<11+n)
		e.change = append(slices.Clone(e.change), simulation.Deployed(e.service(), "2"))
		e.from = warm + float64(n)/float64(runs)
		e.until = e.from + lastingWindows
		var all []*life
		for _, b := range lastingBaselines {
			baseline := b.baseline
			if baseline == "" {
				baseline = fmt.Sprintf("pin:s%d", e.traffic.Start.Add((warm-1)*time.Minute).Unix())
			}
			all = append(all, &life{run: newRun(time.Minute, baseline), firing: map[string]bool{}})
		}
		for float64(e.played) < e.until+afterwards {
			s := e.next()
			for _, l := range all {
				l.next(l.run.next(s), e)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		for i, l := range all {
			got[i].add(l)
		}
	})
	return got
}

// life is what becomes of the alerts of one run.
type life struct {
	run      *run
	firing   map[string]bool
	alerted  bool
	early    bool // one ended that should not have
	replaced bool
	atEnd    bool // one fired when the change ended
	over     int  // windows from the end of the change until none did; 0: not yet
}

func (l *life) next(out outcome, e *episode) {
	lasts := float64(e.played) <= e.until
	over := e.played - int(e.until)
	for _, a := range out.ended {
		delete(l.firing, a.id)
		if lasts && e.played > warm {
			l.early = l.early || !a.replaced
			l.replaced = l.replaced || a.replaced
		}
	}
	if lasts {
		for _, a := range out.fired {
			l.firing[a.id] = true // those of the opposite change, at its end, are another story
			l.alerted = true
		}
		l.atEnd = len(l.firing) > 0
		return
	}
	if l.atEnd && l.over == 0 && len(l.firing) == 0 {
		l.over = over
	}
}

func (l *lasted) add(one *life) {
	l.alerted.add(one.alerted)
	if one.alerted {
		l.kept.add(!one.early)
		l.replaced.add(one.replaced)
	}
	if one.atEnd {
		l.ended.add(one.over > 0 && one.over <= within)
		if one.over > 0 {
			l.windows = append(l.windows, float64(one.over))
		}
	}
}

func (l *lasted) median() string {
	if len(l.windows) == 0 {
		return "-"
	}
	slices.Sort(l.windows)
	return strconv.Itoa(int(l.windows[len(l.windows)/2])) + " windows"
}
