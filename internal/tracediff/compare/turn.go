package compare

import (
	"context"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A change that lasts can give way to its opposite: what was faster than usual becomes slower than usual. When the first is known to be
// over, the baseline has moved already, and against it nothing would show. So the windows in which the first was missed are compared
// with those before it, and the second is followed in the same way.

// away notes a window in which a change was missed.
func (f *followed) away(b *snapshot.Snapshot) {
	if f.Missed++; f.Missed == 1 {
		f.Away, f.AwaySince = nil, b.Start
	}
	f.Away = append(f.Away, b.ID)
	f.Away = f.Away[max(0, len(f.Away)-mostPooled):]
}

// turn begins to follow the opposite of a change that is over, if that is what came after it.
func (f *follower) turn(ctx context.Context, o *followed) error {
	x, err := f.test(ctx, o, o.Before, o.Away)
	if err != nil || !o.opposite(x, f.thresholds.FDR) {
		return err
	}
	c := o.Change
	c.Verdict = x.verdict
	f.Tracker.state.Open[c.Fingerprint] = &followed{
		Change: c, Standing: Suspected, Turned: true, Since: o.AwaySince, Windows: o.Missed, Run: o.Away, Before: o.Before,
	}
	return nil
}

// opposite tells whether a finding says the opposite of a change.
func (f *followed) opposite(x *finding, level float64) bool {
	return x != nil && x.tested && x.large && x.measure == f.Change.Measure && x.measure != Presence && x.verdict != f.Change.Verdict && x.p <= level
}

// goesOn follows the opposite of a change that is over; ok is false where it does not go on.
func (f *follower) goesOn(ctx context.Context, o *followed) (c Change, ok bool, err error) {
	x, err := f.test(ctx, o, o.Before, []string{f.b.ID})
	if err != nil || x == nil {
		return c, false, err
	}
	c = o.Change
	c.Onset, c.Ended = time.Time{}, time.Time{}
	switch {
	case !x.tested || x.measure != o.Change.Measure:
		c.take(x)
		if o.Unknown++; o.Unknown > f.Tracker.rules.Persist {
			return c, false, nil
		}
	case x.verdict != o.Change.Verdict || !x.large || x.p > f.thresholds.FDR:
		return c, false, nil
	default:
		c.take(x)
		o.Unknown = 0
		o.seen(f.b.ID)
	}
	c.Standing, c.Windows, c.Since, c.Flagged = Suspected, o.Windows, o.Since, true
	all, err := f.test(ctx, o, o.Before, o.Run)
	if err != nil || all == nil || !all.tested {
		return c, true, err
	}
	if o.Windows >= f.Tracker.rules.Persist && all.p*float64(len(f.Tracker.state.Open)) <= f.Tracker.rules.Level {
		o.Turned = false
		o.confirm(&c, all)
	}
	return c, true, nil
}
