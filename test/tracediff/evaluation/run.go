package main

import (
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// run is a query that takes one window after the other as a collector does: compare, follow, learn, alert. All sections go
// through it, so that what production does is put in here and nowhere else.
type run struct {
	window    time.Duration
	baselines []*followedBaseline
	windows   []*snapshot.Snapshot // that may still be compared with, oldest first
}

// followedBaseline is what is known of the query under one baseline.
type followedBaseline struct {
	name    string
	tracker *compare.Tracker
	history *compare.History
	firing  map[string]bool // by fingerprint
}

// outcome is what a window brought.
type outcome struct {
	diffs []*compare.Diff // one for each baseline that has a window to compare with
	fired []alert         // messages that something began
	ended []alert         // messages that something ended
}

// alert is one message.
type alert struct {
	id       string // the same from its beginning to its end
	replaced bool   // it ended because its baseline was replaced, and says so; else because the change is gone
}

// defaultBaselines are those of queries that name none.
func defaultBaselines() []string { return []string{"previous"} }

// keeps is how many windows are kept for comparison.
const keeps = 100

func newRun(window time.Duration, baselines ...string) *run {
	r := &run{window: window}
	for _, b := range baselines {
		distance := window
		if d, err := time.ParseDuration(b); err == nil {
			distance = d
		} else if b != "previous" {
			distance = 365 * 24 * time.Hour
		}
		r.baselines = append(r.baselines, &followedBaseline{
			name: b, history: &compare.History{}, firing: map[string]bool{},
			tracker: compare.NewTracker(compare.NewTrackerSettings(compare.DefaultThresholds(), window, distance)),
		})
	}
	return r
}

// next takes in a window.
func (r *run) next(b *snapshot.Snapshot) outcome {
	var o outcome
	for _, f := range r.baselines {
		a := r.byID(f.tracker.Baseline())
		if a == nil {
			a = r.baseline(f.name, b)
		}
		if a == nil {
			continue
		}
		d := compare.Compare(a, b, f.history, compare.DefaultThresholds())
		d.Name(b.ID, b.QueryID, f.name, b.End)
		f.tracker.Update(d)
		f.history.Learn(a, b, d)
		o.diffs = append(o.diffs, d)
		f.alerts(d, &o)
	}
	r.windows = append(r.windows, b)
	if n := len(r.windows); n > keeps {
		r.windows = r.windows[n-keeps:]
	}
	return o
}

// alerts notes which alerts begin and end with a diff.
func (f *followedBaseline) alerts(d *compare.Diff, o *outcome) {
	for i := range d.Changes {
		c := &d.Changes[i]
		a := alert{id: f.name + " " + c.Fingerprint}
		switch {
		case c.Flagged && (c.Standing == compare.Confirmed || c.Standing == compare.Explained) && !f.firing[c.Fingerprint]:
			f.firing[c.Fingerprint] = true
			o.fired = append(o.fired, a)
		case c.Standing == compare.Cleared && f.firing[c.Fingerprint]:
			delete(f.firing, c.Fingerprint)
			o.ended = append(o.ended, a)
		}
	}
}

// baseline is what a window is compared with; nil where there is nothing yet.
func (r *run) baseline(name string, b *snapshot.Snapshot) *snapshot.Snapshot {
	n := len(r.windows)
	switch {
	case n == 0:
		return nil
	case name == "previous":
		return r.windows[n-1]
	case name == "version:previous":
		return r.otherVersion(b)
	case strings.HasPrefix(name, "pin:"):
		return r.byID(strings.TrimPrefix(name, "pin:"))
	}
	back, _ := time.ParseDuration(name)
	for _, s := range r.windows {
		if s.Start.Equal(b.Start.Add(-back)) {
			return s
		}
	}
	return nil
}

// otherVersion is the latest window in which a service ran without the version that it runs on now.
func (r *run) otherVersion(b *snapshot.Snapshot) *snapshot.Snapshot {
	for i := len(r.windows) - 1; i >= 0; i-- {
		now := map[string]bool{}
		for _, v := range r.windows[i].Versions {
			now[v.Service] = now[v.Service] || runs(b, v)
		}
		for _, v := range r.windows[i].Versions {
			if !now[v.Service] {
				return r.windows[i]
			}
		}
	}
	return nil
}

// runs tells whether a version has most of the spans of its service in a window.
func runs(s *snapshot.Snapshot, v snapshot.Version) bool {
	var all, this float64
	for _, o := range s.Versions {
		if o.Service == v.Service {
			all += o.Weight
			if o.Version == v.Version {
				this = o.Weight
			}
		}
	}
	return this*2 >= all
}

func (r *run) byID(id string) *snapshot.Snapshot {
	for _, s := range r.windows {
		if s.ID == id && id != "" {
			return s
		}
	}
	return nil
}
