package compare

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Series compares the windows of one query with one baseline, one after the other. It is all that happens between a finished window
// and its diff: compare, follow what was found before, decide what is certain, and learn.
type Series struct {
	History History
	Tracker *Tracker
}

// NewSeries is one that has seen nothing.
func NewSeries(r Rules) *Series { return &Series{Tracker: NewTracker(r)} }

// Naming is what a diff is called; see Diff.Name.
type Naming struct {
	ID, QueryID, Baseline string
	Calculated            time.Time
}

// Next compares a window with its baseline, or with the one that a suspicion froze. It fails only where windows cannot be read, and
// then nothing has changed but that the series must not be used any more.
func (s *Series) Next(ctx context.Context, configured, b *snapshot.Snapshot, w Windows, t Thresholds, n Naming) (*Diff, error) {
	w = newReading(w)
	a, err := s.Tracker.baseline(ctx, configured, w)
	if err != nil || a == nil || a.ID == b.ID {
		return nil, err
	}
	earlier, err := s.earlier(ctx, a, w)
	if err != nil {
		return nil, err
	}
	d, at, match := compared(a, b, earlier, &s.History, t)
	d.Name(n.ID, n.QueryID, n.Baseline, n.Calculated)
	f := &follower{Series: s, windows: w, diff: d, a: a, b: b, thresholds: t, bundles: map[string]*bundle{}}
	if err := f.follow(ctx, configured); err != nil {
		return nil, err
	}
	at.explain(d, match)
	f.regroup(match)
	s.Tracker.freeze(d, a.State != snapshot.Complete && earlier == nil)
	s.History.Learn(a, b, d)
	if configured != nil {
		s.Tracker.state.Against = configured.ID
	}
	return d, nil
}

// earlier are the complete windows before the baseline, where that moves; nil if there are none.
func (s *Series) earlier(ctx context.Context, a *snapshot.Snapshot, w Windows) (*bundle, error) {
	if s.Tracker.rules.Hold == 0 {
		return nil, nil
	}
	windows, err := s.Tracker.preceding(ctx, a, w)
	if err != nil || len(windows) < 2 {
		return nil, err
	}
	return newBundle(windows[1:]), nil
}

// follower is the scratch of one Next.
type follower struct {
	*Series
	windows    Windows
	diff       *Diff
	a, b       *snapshot.Snapshot
	thresholds Thresholds
	bundles    map[string]*bundle // by the ids of their windows
	preceding  []string           // see before
	lasting    []Change
	cleared    []Change
}

// follow brings the tracker up to date.
func (f *follower) follow(ctx context.Context, configured *snapshot.Snapshot) error {
	t := f.Tracker
	replaced := t.rules.Hold == 0 && configured != nil && t.state.Against != "" && t.state.Against != configured.ID
	of := make(map[string]int, len(f.diff.Changes))
	for i := range f.diff.Changes {
		of[f.diff.Changes[i].Fingerprint] = i
	}
	for _, fingerprint := range t.order() {
		o := t.state.Open[fingerprint]
		if !o.byItself() {
			continue
		}
		if i, ok := of[fingerprint]; ok {
			f.diff.Changes[i].superseded = true
		}
		if err := f.byItself(ctx, o, replaced); err != nil {
			return err
		}
	}
	f.diff.Changes = slices.DeleteFunc(f.diff.Changes, func(c Change) bool { return c.superseded })
	return f.suspects(ctx)
}

// byItself follows a change against the windows before it.
func (f *follower) byItself(ctx context.Context, o *followed, replaced bool) error {
	t := f.Tracker
	switch {
	case o.Turned && replaced:
		delete(t.state.Open, o.Change.Fingerprint)
	case o.Turned:
		c, ok, err := f.goesOn(ctx, o)
		if err != nil {
			return err
		}
		if !ok {
			delete(t.state.Open, o.Change.Fingerprint)
			t.over(o.Since, f.b.Start, false)
			return nil
		}
		f.lasting = append(f.lasting, c)
	case replaced:
		f.clear(o, t.replaced(o))
	default:
		x, err := f.test(ctx, o, o.Before, []string{f.b.ID})
		if err != nil {
			return err
		}
		if x == nil {
			f.clear(o, t.replaced(o))
			return nil
		}
		c := t.goOn(o, x, f.b)
		if c.Standing != Cleared {
			f.lasting = append(f.lasting, c)
			return nil
		}
		f.clear(o, c)
		if c.Reason == IsGone {
			return f.turn(ctx, o)
		}
	}
	return nil
}

// clear takes in a change that is over.
func (f *follower) clear(o *followed, c Change) {
	f.Tracker.over(o.Since, f.b.Start, c.Reason == BaselineReplaced)
	f.cleared = append(f.cleared, c)
}

// test tests a change between the windows before it and others; nil where all windows before are gone.
func (f *follower) test(ctx context.Context, o *followed, before, after []string) (*finding, error) {
	a, err := f.bundle(ctx, before)
	if err != nil {
		return nil, err
	}
	b, err := f.bundle(ctx, after)
	if err != nil || a == nil || b == nil {
		return nil, err
	}
	return testBundles(a, b, o.Change.Identity, o.Change.Measure, &f.History, f.thresholds), nil
}

// bundle reads windows, once for all changes of a diff; nil if none is left.
func (f *follower) bundle(ctx context.Context, ids []string) (*bundle, error) {
	k := key(ids)
	if p, ok := f.bundles[k]; ok {
		return p, nil
	}
	var list []*snapshot.Snapshot
	if len(ids) > 0 && ids[len(ids)-1] == f.b.ID { // not stored yet
		list = append(list, f.b)
		ids = ids[:len(ids)-1]
	}
	older, err := load(ctx, ids, f.windows)
	if err != nil {
		return nil, err
	}
	var p *bundle
	if list = append(list, older...); len(list) > 0 {
		p = newBundle(list)
	}
	f.bundles[k] = p
	return p, nil
}

func key(ids []string) string { return strings.Join(ids, " ") }

// regroup adds the changes that last, under the causes that they were confirmed with, and those that are over.
func (f *follower) regroup(match []pair) {
	d := f.diff
	d.addLasting(f.lasting, match)
	for i := range d.Changes {
		c := &d.Changes[i]
		if o := f.Tracker.state.Open[c.Fingerprint]; o != nil && c.Flagged {
			o.Change.Cause, o.Change.Culprit, o.Change.Deployed = c.Cause, c.Culprit, c.Deployed
			o.Change.CauseKind, o.Change.Was = c.CauseKind, c.Was
		}
	}
	d.Changes = append(d.Changes, f.cleared...)
}
