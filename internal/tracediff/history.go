package tracediff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// RefusedError is for what cannot be done as it was asked for.
type RefusedError string

func (r RefusedError) Error() string { return string(r) }

// Snapshots lists snapshots without their groups, newest first.
func (s *Service) Snapshots(ctx context.Context, f store.SnapshotFilter, p store.Page) ([]store.Snapshot, error) {
	return s.store.Snapshots(ctx, f, p)
}

// Snapshot reads one with its groups.
func (s *Service) Snapshot(ctx context.Context, id string) (store.Snapshot, error) {
	return s.store.Snapshot(ctx, id)
}

// SnapshotBefore reads the latest finished window of a query that begins before a time.
func (s *Service) SnapshotBefore(ctx context.Context, queryID string, before time.Time) (store.Snapshot, error) {
	return s.store.SnapshotBefore(ctx, queryID, before)
}

// TakeSnapshot keeps what the present window of a query holds so far, under an id of its own. The window goes on.
func (s *Service) TakeSnapshot(ctx context.Context, queryID string) (store.Snapshot, error) {
	q, err := s.Query(queryID)
	if err != nil {
		return store.Snapshot{}, err
	}
	now := s.now().UTC()
	start := windowStart(now, q.Window)
	for _, w := range s.engine.Open(queryID) {
		if !w.Start.Equal(start) || w.Coverage.Traces == 0 {
			continue
		}
		w.ID, w.State, w.Completed = w.ID+"-"+randomID()[:6], snapshot.Partial, now
		if err := s.store.SaveSnapshot(ctx, w.Snapshot, now); err != nil {
			return store.Snapshot{}, err
		}
		return store.Snapshot{Snapshot: *w.Snapshot, CreatedAt: now, Due: w.End, OnDemand: true, Finished: true}, nil
	}
	return store.Snapshot{}, RefusedError(fmt.Sprintf("no trace of the window that began at %s has matched the query yet; traces count %v after their last span",
		start.Format("15:04:05Z"), s.config.Wait))
}

// DeleteSnapshot removes a snapshot. One that is a pinned baseline, or open, stays.
func (s *Service) DeleteSnapshot(ctx context.Context, id string) (store.Snapshot, error) {
	found, err := s.store.Snapshot(ctx, id)
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		return found, err
	}
	if err == nil && !found.Finished {
		return found, RefusedError("the window is open; it can be deleted when it is over")
	}
	if slices.Contains(s.queries.pinned(), id) {
		return found, RefusedError("the snapshot is pinned as a baseline of a query; change the query first")
	}
	return found, s.store.DeleteSnapshot(ctx, id)
}

// Diffs lists diffs, newest first.
func (s *Service) Diffs(ctx context.Context, f store.DiffFilter, p store.Page) ([]*store.Diff, error) {
	return s.store.Diffs(ctx, f, p)
}

// Diff reads one.
func (s *Service) Diff(ctx context.Context, id string) (*store.Diff, error) {
	return s.store.Diff(ctx, id)
}

// DeleteDiff removes a diff.
func (s *Service) DeleteDiff(ctx context.Context, id string) (*store.Diff, error) {
	found, err := s.store.Diff(ctx, id)
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		return nil, err
	}
	return found, s.store.DeleteDiff(ctx, id)
}

// Alerts lists those that fire or have not been delivered, of a query or of all.
func (s *Service) Alerts(ctx context.Context, queryID string) ([]store.Alert, error) {
	return s.store.Alerts(ctx, queryID)
}
