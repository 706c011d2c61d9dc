package tracediff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/incident"
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
	var events []incident.Event
	if known {
		if events, err = s.compareAll(ctx, &q, &f); err != nil {
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
	s.log(&q, events)
	for _, d := range f.Diffs {
		s.config.Observer.Compared(q.Name, d)
	}
	return true, nil
}

// compareAll compares a window with each baseline of its query, and makes alerts of what that says.
func (s *Service) compareAll(ctx context.Context, q *store.Query, f *store.Finished) ([]incident.Event, error) {
	if !f.Snapshot.Of.Same(definition(q)) {
		return nil, nil // of a collector that did not know yet that the query was changed
	}
	windows := windowsOf{s.store, q.ID, f.Snapshot.Of}
	for _, base := range q.Baselines {
		series, err := s.series(ctx, q, base)
		if err != nil {
			return nil, err
		}
		configured, err := s.baselineOf(ctx, q, base, f.Snapshot)
		switch {
		case errors.Is(err, errNoBaseline):
			s.logger.Debug("A window is not compared", zap.String("snapshot", f.Snapshot.ID), zap.String("baseline", base.String()), zap.Error(err))
		case err != nil:
			return nil, err
		}
		d, err := series.Next(ctx, configured, f.Snapshot, windows, q.Thresholds,
			compare.Naming{ID: diffID(f.Snapshot.ID, base), QueryID: q.ID, Baseline: base.String(), Calculated: f.Now})
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		states, err := stateOf(series, base)
		if err != nil {
			return nil, err
		}
		f.Diffs, f.States = append(f.Diffs, &store.Diff{Diff: *d, Keys: slices.Clone(q.GroupBy)}), append(f.States, states...)
	}
	return s.alertAll(ctx, q, f)
}

// diffID names the comparison of a window with a baseline, the same whoever makes it.
func diffID(snapshotID string, b baseline.Baseline) string {
	sum := sha256.Sum256([]byte(snapshotID + " " + b.String()))
	return hex.EncodeToString(sum[:8])
}
