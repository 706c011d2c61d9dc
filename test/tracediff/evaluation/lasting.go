package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/scorecard"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

const (
	before = 6  // windows in a run before the step
	after  = 18 // windows with it
)

// watch is a query that is compared with the window before, window by window, as a collector does.
type watch struct {
	tracker   *compare.Tracker
	history   *compare.History
	snapshots map[string]*snapshot.Snapshot
	last      *snapshot.Snapshot
}

func newWatch(h *compare.History) *watch {
	t := compare.DefaultThresholds()
	return &watch{
		tracker: compare.NewTracker(compare.NewTrackerSettings(t, length, length)), history: h, snapshots: map[string]*snapshot.Snapshot{},
	}
}

// next takes in a window and returns its diff; nil for the first.
func (w *watch) next(s *snapshot.Snapshot) *compare.Diff {
	previous := w.last
	w.last = s
	w.snapshots[s.ID] = s
	if previous == nil {
		return nil
	}
	base := previous
	if frozen := w.snapshots[w.tracker.Baseline()]; frozen != nil {
		base = frozen
	}
	d := compare.Compare(base, s, w.history, compare.DefaultThresholds())
	d.Name(s.ID, "q", "previous", s.End)
	w.tracker.Update(d)
	w.history.Learn(base, s, d)
	for id, old := range w.snapshots {
		if s.Start.Sub(old.Start) > 24*time.Hour {
			delete(w.snapshots, id)
		}
	}
	return d
}

// lasting measures what becomes of a step that stays, and how often something is confirmed where nothing happens.
func lasting(_ context.Context, o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("step", "confirmed", "in its second window", "more than once", "explained without a gap until the baseline moves", "cleared after it")
	once, all := of{}, of{}
	for _, in := range injections {
		if in.name != "latency x1.5" && in.name != "latency x2" && in.name != "errors 0.5 to 2 %" {
			continue
		}
		progress("lasting: %s", in.name)
		s := in.lasting(o)
		t.Row(in.name, s.confirmed.interval(), s.soon.interval(), s.again.interval(), s.explained.interval(), s.cleared.interval())
		once.hits += s.confirmed.hits - s.again.hits
		once.all += s.confirmed.all
		all.hits += s.explained.hits
		all.all += s.explained.all
	}
	p.Target(once.share() >= 0.9 && all.share() >= 0.9, "a step that lasts is confirmed exactly once, and explained until the baseline moves", "at least 90 %",
		"%s confirmed exactly once; of those confirmed, %s explained without a gap", once.interval(), all.interval())

	progress("quiet weeks: %d", o.weeks)
	false1, flags, windows := weeks(o)
	p.Section("Steps that last, and quiet weeks",
		fmt.Sprintf("Windows of 5,000 requests, each compared with the one before: %d without a change, then %d with the step, over %d systems.\n"+
			"A confirmed step keeps its baseline for %d windows, twice as long at most where other views of it are confirmed later; then the new state is the normal one.", before, after, systems, compare.DefaultHold),
		t.String(),
		fmt.Sprintf("Over %d simulated weeks of windows of ten minutes in which nothing changed but the weather, one query, baseline `previous`:\n"+
			"%d of %d windows had a flag, and %d changes were confirmed: %s false alerts a week.",
			o.weeks, flags, windows, false1, scorecard.Number(float64(false1)/float64(max(1, o.weeks)), 2)))
	return nil
}

// standing is what became of steps.
type standing struct{ confirmed, soon, again, explained, cleared of }

// lasting runs an injection over many windows.
func (in *injection) lasting(o *options) *standing {
	got := &standing{}
	var mu sync.Mutex
	parallel(systems, func(n int) {
		w := newWorld(n, 5000)
		op, calls := w.target()
		w.requests = 5000 / calls
		for i := range max(1, o.repeats/4) {
			run := newWatch(w.learn())
			var list []compare.Standing
			for k := range before + after {
				changes := in.before(op)
				if k >= before {
					changes = in.after(op)
				}
				d := run.next(w.snapshot(w.play(1<<26+i*100+k, changes...), 1000*i+k))
				if d != nil {
					list = append(list, standingOf(d, w.operation(op), in.measure))
				}
			}
			mu.Lock()
			got.add(list)
			mu.Unlock()
		}
	})
	return got
}

// add takes in the standings of one run; the first is that of its second window.
func (s *standing) add(list []compare.Standing) {
	first, times := -1, 0
	for i, v := range list {
		if v == compare.Confirmed {
			if times++; first < 0 {
				first = i
			}
		}
	}
	s.confirmed.add(times > 0)
	if times == 0 {
		return
	}
	s.soon.add(first == before) // the step's first window is list[before-1]
	s.again.add(times > 1)
	whole := true
	for i := first + 1; i < min(len(list), first+compare.DefaultHold); i++ {
		whole = whole && list[i] == compare.Explained
	}
	s.explained.add(whole)
	cleared := false
	for _, v := range list[first+1:] {
		cleared = cleared || v == compare.Cleared
	}
	s.cleared.add(cleared)
}

func standingOf(d *compare.Diff, id snapshot.Identity, m compare.Measure) compare.Standing {
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Identity == id && c.Measure == m {
			return c.Standing
		}
	}
	return ""
}

// weeks watches traffic in which nothing changes.
func weeks(o *options) (confirmed, flags, windows int) {
	var mu sync.Mutex
	parallel(o.weeks, func(n int) {
		w := newWorld(n%systems, 1000)
		run := newWatch(&compare.History{})
		for k := range 7 * 24 * 6 {
			d := run.next(w.system.Snapshot(w.system.Play(simulation.Window{
				Requests: w.requests, Weather: simulation.Realistic(), Seed: uint64(n)<<44 + 1<<43 + uint64(k),
			}), at(k), simulation.Sampling{}))
			if d == nil {
				continue
			}
			mu.Lock()
			windows++
			if flagged(d) > 0 {
				flags++
			}
			for i := range d.Changes {
				if d.Changes[i].Standing == compare.Confirmed {
					confirmed++
				}
			}
			mu.Unlock()
		}
	})
	return confirmed, flags, windows
}
