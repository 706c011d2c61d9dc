package tracediff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// grace is for how long after its end a window waits for collectors that live but have not sent their part.
const grace = time.Minute

// finishAll finishes the windows that are over, of each query in order.
func (s *Service) finishAll(ctx context.Context, now time.Time) error {
	pending, err := s.store.Pending(ctx, now)
	if err != nil || len(pending) == 0 {
		return err
	}
	live, err := s.store.Collectors(ctx, now.Add(-gone))
	if err != nil {
		return err
	}
	waiting := map[string]bool{} // queries of which an earlier window is not done
	for i := range pending {
		p := &pending[i]
		if waiting[p.QueryID] {
			continue
		}
		done, err := s.finish(ctx, p, live, now)
		if err != nil {
			if errors.Is(err, store.ErrUnavailable) {
				return err
			}
			s.logger.Error("A window could not be finished", zap.String("snapshot", p.SnapshotID), zap.Error(err))
		}
		waiting[p.QueryID] = !done
	}
	return nil
}

// finish finishes one window, if its time has come and no other collector does it.
func (s *Service) finish(ctx context.Context, p *store.Pending, live []string, now time.Time) (done bool, err error) {
	if now.Before(p.Due.Add(grace)) {
		if slices.ContainsFunc(p.Waiting, func(c string) bool { return slices.Contains(live, c) }) {
			return false, nil
		}
	}
	lease := "query " + p.QueryID
	held, err := s.store.Lease(ctx, lease, s.collector, now, now.Add(leaseLength))
	if err != nil || !held {
		return false, err
	}
	parts, err := s.store.Parts(ctx, p.SnapshotID)
	if err != nil {
		return false, err
	}
	merged, collectors := store.MergeParts(parts, p.Due)
	if merged == nil { // all that was saved of it is damaged
		err = s.store.DeleteSnapshot(ctx, p.SnapshotID)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return err == nil, err
	}
	if merged.Completed.IsZero() {
		merged.Completed = now
	}
	f := store.Finished{Snapshot: merged, Collectors: collectors, Now: now}
	q, known := s.queries.get(p.QueryID)
	if known {
		if err := s.compareAll(ctx, &q, &f); err != nil {
			return false, err
		}
	}
	switch err := s.store.Finish(ctx, lease, s.collector, f); {
	case errors.Is(err, store.ErrLost), errors.Is(err, store.ErrExists):
		return true, nil // another collector was faster; all of ours is void
	case err != nil:
		return false, err
	}
	s.config.Observer.Finished(q.Name, merged)
	for _, d := range f.Diffs {
		s.config.Observer.Compared(q.Name, d)
		s.tell(&q, d)
	}
	return true, nil
}

// compareAll compares a window with each baseline of its query.
func (s *Service) compareAll(ctx context.Context, q *store.Query, f *store.Finished) error {
	for _, base := range q.Baselines {
		l, err := s.recall(ctx, q, base)
		if err != nil {
			return err
		}
		configured, err := s.baselineOf(ctx, q, base, f.Snapshot)
		if err != nil && !errors.Is(err, errNoBaseline) {
			return err
		}
		a, err := s.frozen(ctx, l)
		if err != nil {
			return err
		}
		if a == nil {
			a = configured
		}
		if a == nil || a.ID == f.Snapshot.ID {
			continue
		}
		d := &store.Diff{Diff: *compare.Compare(a, f.Snapshot, &l.history, q.Thresholds), Keys: slices.Clone(q.GroupBy)}
		d.Name(diffID(f.Snapshot.ID, base), q.ID, base.String(), f.Now)
		l.tracker.Update(&d.Diff)
		l.history.Learn(a, f.Snapshot, &d.Diff)
		states, err := l.states()
		if err != nil {
			return err
		}
		alerts, err := alertsOf(q, d, f.Snapshot)
		if err != nil {
			return err
		}
		f.Diffs, f.States, f.Alerts = append(f.Diffs, d), append(f.States, states...), append(f.Alerts, alerts...)
	}
	return nil
}

// diffID names the comparison of a window with a baseline, the same whoever makes it.
func diffID(snapshotID string, b baseline.Baseline) string {
	sum := sha256.Sum256([]byte(snapshotID + " " + b.String()))
	return hex.EncodeToString(sum[:8])
}

// alertsOf turns what is certain into alerts, and what has cleared into their ends.
func alertsOf(q *store.Query, d *store.Diff, b *snapshot.Snapshot) (alerts []store.Alert, err error) {
	for i := range d.Changes {
		c := &d.Changes[i]
		var status store.Status
		switch c.Standing {
		case compare.Confirmed, compare.Explained:
			if !c.Flagged {
				continue // it goes on, as it was said before
			}
			status = store.Firing
		case compare.Cleared:
			status = store.Resolved
		default:
			continue
		}
		content := alert.NewContent(q, &d.Diff, c)
		packed, err := content.Pack()
		if err != nil {
			return nil, err
		}
		for _, target := range q.Alerts {
			a := store.Alert{
				Target: target, QueryID: q.ID, Baseline: d.Baseline, Fingerprint: c.Fingerprint,
				Status: status, StartsAt: c.Since, Content: packed,
			}
			if a.StartsAt.IsZero() {
				a.StartsAt = b.Start
			}
			if status == store.Resolved {
				a.EndsAt = b.End
			}
			alerts = append(alerts, a)
		}
	}
	return alerts, nil
}

// tell logs changes as they become certain, and as they end.
func (s *Service) tell(q *store.Query, d *store.Diff) {
	const most = 10 // of a diff; the API has all
	told := 0
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Standing != compare.Confirmed && c.Standing != compare.Cleared {
			continue
		}
		if told++; told > most {
			break
		}
		content := alert.NewContent(q, &d.Diff, c)
		s.logger.Info("A change is certain, or over", zap.String("standing", string(c.Standing)), zap.String("change", content.Summary()),
			zap.String("by", content.Description()), zap.String("diff", d.ID))
	}
}
