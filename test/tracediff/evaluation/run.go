package main

import (
	"context"
	"time"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/incident"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// run is a query that takes one window after the other as a collector does: production's own sequence of comparing, following and
// learning, and its incidents, over windows that are held in memory.
type run struct {
	window    time.Duration
	baselines []followedBaseline
	book      incident.Book
	windows   []*snapshot.Snapshot // that may still be compared with, oldest first
}

// followedBaseline is what is known of the query under one baseline.
type followedBaseline struct {
	baseline.Baseline
	series *compare.Series
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
const keeps = 200

func newRun(window time.Duration, baselines ...string) *run {
	r := &run{window: window}
	for _, b := range baseline.List(baselines...) {
		lag := b.Lag(window)
		if lag == baseline.Unreached {
			lag = 0
		}
		rules := compare.NewRules(compare.DefaultThresholds(), window, lag, len(baselines))
		r.baselines = append(r.baselines, followedBaseline{b, compare.NewSeries(rules)})
	}
	return r
}

// next takes in a window.
func (r *run) next(b *snapshot.Snapshot) outcome {
	var o outcome
	for _, f := range r.baselines {
		naming := compare.Naming{ID: b.ID + f.String(), QueryID: b.QueryID, Baseline: f.String(), Calculated: b.End}
		d, err := f.series.Next(context.Background(), r.baseline(f.Baseline, b), b, r, compare.DefaultThresholds(), naming)
		if err != nil {
			panic(err) // windows in memory can always be read
		}
		if d != nil {
			o.diffs = append(o.diffs, d)
		}
	}
	for _, e := range r.book.Update(o.diffs) {
		a := alert{id: e.Incident.ID}
		switch e.Kind {
		case incident.Began:
			o.fired = append(o.fired, a)
		case incident.Ended:
			a.replaced = e.Change.Reason == compare.BaselineReplaced
			o.ended = append(o.ended, a)
		}
	}
	r.windows = append(r.windows, b)
	if n := len(r.windows); n > keeps {
		r.windows = r.windows[n-keeps:]
	}
	return o
}

// Snapshot implements compare.Windows.
func (r *run) Snapshot(_ context.Context, id string) (*snapshot.Snapshot, error) {
	return r.byID(id), nil
}

// Before implements compare.Windows.
func (r *run) Before(_ context.Context, start time.Time) (*snapshot.Snapshot, error) {
	for i := len(r.windows) - 1; i >= 0; i-- {
		if r.windows[i].Start.Before(start) {
			return r.windows[i], nil
		}
	}
	return nil, nil
}

// baseline is what a window is compared with; nil where there is nothing yet.
func (r *run) baseline(of baseline.Baseline, b *snapshot.Snapshot) *snapshot.Snapshot {
	n := len(r.windows)
	switch of.Kind() {
	case baseline.Previous:
		if n > 0 {
			return r.windows[n-1]
		}
	case baseline.PreviousVersion:
		return r.otherVersion(b)
	case baseline.Pinned:
		id, _ := of.Snapshot()
		return r.byID(id)
	case baseline.Earlier:
		for _, s := range r.windows {
			if s.Start.Equal(b.Start.Add(-of.Lag(r.window))) {
				return s
			}
		}
	}
	return nil
}

// otherVersion is the latest window in which a service ran without the version that it runs on now.
func (r *run) otherVersion(b *snapshot.Snapshot) *snapshot.Snapshot {
	now := compare.MainVersions(b.Versions)
	for i := len(r.windows) - 1; i >= 0; i-- {
		there := map[string]bool{}
		for _, v := range r.windows[i].Versions {
			there[v.Service] = there[v.Service] || now[v.Service] == v.Version
		}
		for service, present := range there {
			if _, known := now[service]; known && !present {
				return r.windows[i]
			}
		}
	}
	return nil
}

func (r *run) byID(id string) *snapshot.Snapshot {
	for _, s := range r.windows {
		if s.ID == id && id != "" {
			return s
		}
	}
	return nil
}
