package tracediff

import (
	"context"
	"encoding/json"
	"errors"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// learned is what is known of one query under one baseline.
type learned struct {
	baseline baseline.Baseline
	history  compare.History
	tracker  *compare.Tracker
}

// recall reads what was learned. What cannot be read any more is learned anew.
func (s *Service) recall(ctx context.Context, q *store.Query, b baseline.Baseline) (*learned, error) {
	anew := func() *learned {
		return &learned{baseline: b, tracker: compare.NewTracker(compare.NewTrackerSettings(q.Thresholds, q.Window, b.Lag(q.Window)))}
	}
	l := anew()
	for name, into := range map[string]json.Unmarshaler{"history": &l.history, "tracker": l.tracker} {
		data, err := s.store.State(ctx, q.ID, stateName(name, b))
		if errors.Is(err, store.ErrUnavailable) {
			return nil, err
		}
		if err == nil && data != nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			s.logger.Error("What was learned about a query cannot be read; it is learned anew",
				zap.String("query", q.Name), zap.Stringer("baseline", b), zap.Error(err))
			return anew(), nil
		}
	}
	return l, nil
}

func stateName(of string, b baseline.Baseline) string { return of + ":" + b.String() }

// states is what to remember.
func (l *learned) states() ([]store.State, error) {
	history, err := json.Marshal(&l.history)
	if err != nil {
		return nil, err
	}
	tracker, err := json.Marshal(l.tracker)
	if err != nil {
		return nil, err
	}
	return []store.State{{Name: stateName("history", l.baseline), Data: history}, {Name: stateName("tracker", l.baseline), Data: tracker}}, nil
}

// frozen is the snapshot that a suspected change has made the baseline, if there is one.
func (s *Service) frozen(ctx context.Context, l *learned) (*snapshot.Snapshot, error) {
	id := l.tracker.Baseline()
	if id == "" {
		return nil, nil
	}
	found, err := s.store.Snapshot(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) || err == nil && !found.Finished {
		return nil, nil
	}
	return &found.Snapshot, err
}
