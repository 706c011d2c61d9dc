package compare

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// suspects follows what is flagged against the baseline.
func (f *follower) suspects(ctx context.Context) error {
	t := f.Tracker
	if err := f.renew(ctx); err != nil {
		return err
	}
	ripe := map[int]*followed{}
	seen := map[string]bool{}
	suspects := 0
	for i := range f.diff.Changes {
		c := &f.diff.Changes[i]
		o := t.state.Open[c.Fingerprint]
		switch {
		case c.Flagged:
			before, err := f.before(ctx)
			if err != nil {
				return err
			}
			suspects++
			o, enough := t.suspect(c, f.diff, before)
			if enough {
				ripe[i] = o
			}
		case o != nil:
			t.doubt(o, c, f.b)
		}
		seen[c.Fingerprint] = true
	}
	for _, fingerprint := range t.order() {
		if o := t.state.Open[fingerprint]; !seen[fingerprint] && !o.byItself() {
			t.doubt(o, nil, f.b)
		}
	}
	return f.confirm(ctx, ripe, suspects)
}

// before are the windows before what is flagged in this one, newest first.
func (f *follower) before(ctx context.Context) ([]string, error) {
	if f.preceding != nil {
		return f.preceding, nil
	}
	a, err := f.Tracker.usual(ctx, f.a, f.windows)
	if err != nil {
		return nil, err
	}
	windows, err := f.Tracker.preceding(ctx, a, f.windows)
	if err != nil {
		return nil, err
	}
	for _, w := range windows {
		f.preceding = append(f.preceding, w.ID)
	}
	f.bundles[key(f.preceding)] = newBundle(windows)
	return f.preceding, nil
}

// renew gives other windows of before to those suspected changes whose own are, as it turns out, of a change that is over.
func (f *follower) renew(ctx context.Context) error {
	t := f.Tracker
	for _, fingerprint := range t.order() {
		o := t.state.Open[fingerprint]
		if o.byItself() || len(o.Before) == 0 || t.rules.Hold == 0 {
			continue
		}
		s, err := f.windows.Snapshot(ctx, o.Before[0])
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		if past := t.changed(s); past != nil && !past.Stays {
			if o.Before, err = f.before(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// confirm makes those suspected changes certain that are sure enough, all of which were suspects. One fault makes many changes that are all
// sure, and each of them is no less sure for the others: the level is divided by the procedure of Y. Benjamini and Y. Hochberg.
func (f *follower) confirm(ctx context.Context, ripe map[int]*followed, suspects int) error {
	type judged struct {
		change int
		p      float64
		all    *finding
	}
	var list []judged
	for _, i := range slices.Sorted(maps.Keys(ripe)) {
		p, all, err := f.evidence(ctx, ripe[i])
		if err != nil {
			return err
		}
		list = append(list, judged{i, p, all})
	}
	slices.SortStableFunc(list, func(x, y judged) int { return cmp.Compare(x.p, y.p) })
	for rank := len(list); rank > 0; rank-- {
		if list[rank-1].p*float64(suspects)/float64(rank) <= f.Tracker.rules.Level {
			for _, j := range list[:rank] {
				ripe[j.change].confirm(&f.diff.Changes[j.change], j.all)
			}
			break
		}
	}
	return nil
}

// evidence is the p of all windows of a suspected change together, and what was found in them.
func (f *follower) evidence(ctx context.Context, o *followed) (p float64, all *finding, err error) {
	all, err = f.test(ctx, o, o.Before, o.Run)
	if err != nil || all == nil || all.measure != o.Change.Measure || all.verdict != o.Change.Verdict {
		return 1, nil, err
	}
	if len(o.Run) == 1 {
		return confirmed(all, nil, f.diff.Tests), all, nil
	}
	run := o.Run
	if len(run) == o.Windows {
		run = run[1:] // without the window in which it was found
	}
	later, err := f.test(ctx, o, o.Before, run)
	return confirmed(all, later, f.diff.Tests), all, err
}
