package tracediff

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/incident"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// rulesOf are those of a query under one of its baselines.
func rulesOf(q *store.Query, b baseline.Baseline) compare.Rules {
	lag := b.Lag(q.Window)
	if lag == baseline.Unreached {
		lag = 0
	}
	return compare.NewRules(q.Thresholds, q.Window, lag, len(q.Baselines))
}

// series reads what was learned of a query under one baseline. What cannot be read any more is learned anew.
func (s *Service) series(ctx context.Context, q *store.Query, b baseline.Baseline) (*compare.Series, error) {
	l := compare.NewSeries(rulesOf(q, b))
	for name, into := range map[string]json.Unmarshaler{"history": &l.History, "tracker": l.Tracker} {
		intact, err := s.recall(ctx, q, stateName(name, b), into)
		if err != nil {
			return nil, err
		}
		if !intact {
			return compare.NewSeries(rulesOf(q, b)), nil
		}
	}
	return l, nil
}

// incidents reads the open incidents of a query.
func (s *Service) incidents(ctx context.Context, q *store.Query) (*incident.Book, error) {
	book := &incident.Book{}
	intact, err := s.recall(ctx, q, incidentsState, book)
	if !intact {
		book = &incident.Book{}
	}
	return book, err
}

// incidentsState is the name of the state that holds them.
const incidentsState = "incidents"

// recall reads one state; intact is false where it cannot be used, which is logged.
func (s *Service) recall(ctx context.Context, q *store.Query, name string, into json.Unmarshaler) (intact bool, err error) {
	data, err := s.store.State(ctx, q.ID, name)
	if errors.Is(err, store.ErrUnavailable) {
		return false, err
	}
	if err == nil && data != nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		s.logger.Error("What was learned about a query cannot be read; it is learned anew",
			zap.String("query", q.Name), zap.String("state", name), zap.Error(err))
		return false, nil
	}
	return true, nil
}

func stateName(of string, b baseline.Baseline) string { return of + ":" + b.String() }

// stateOf is what to remember of a series.
func stateOf(l *compare.Series, b baseline.Baseline) ([]store.State, error) {
	history, err := json.Marshal(&l.History)
	if err != nil {
		return nil, err
	}
	tracker, err := json.Marshal(l.Tracker)
	if err != nil {
		return nil, err
	}
	return []store.State{{Name: stateName("history", b), Data: history}, {Name: stateName("tracker", b), Data: tracker}}, nil
}

// windowsOf are the finished windows in which a query selected the same traces.
type windowsOf struct {
	store   store.Store
	queryID string
	of      snapshot.Definition
}

var _ compare.Windows = windowsOf{}

// Snapshot implements compare.Windows.
func (w windowsOf) Snapshot(ctx context.Context, id string) (*snapshot.Snapshot, error) {
	found, err := ofStore(w.store.Snapshot(ctx, id))
	if found != nil && !found.Of.Same(w.of) {
		return nil, nil
	}
	return found, err
}

// Before implements compare.Windows.
func (w windowsOf) Before(ctx context.Context, start time.Time) (*snapshot.Snapshot, error) {
	found, err := ofStore(w.store.SnapshotBefore(ctx, w.queryID, start))
	if found == nil || found.Of.Same(w.of) {
		return found, err
	}
	return w.sameBefore(ctx, found.Start)
}

// sameBefore looks further back, through windows of another definition.
func (w windowsOf) sameBefore(ctx context.Context, start time.Time) (*snapshot.Snapshot, error) {
	page := store.Page{Limit: 100, After: &store.Position{Time: start.Add(far)}}
	for range maxBack / page.Limit {
		rows, err := w.store.Snapshots(ctx, store.SnapshotFilter{QueryID: w.queryID, To: start}, page)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			row := &rows[i]
			if !row.Finished || row.OnDemand || row.Unseen || !row.Of.Same(w.of) {
				continue
			}
			if found, err := ofStore(w.store.Snapshot(ctx, row.ID)); found != nil || err != nil {
				return found, err
			}
		}
		if len(rows) < page.Limit {
			return nil, nil
		}
		page.After = &store.Position{Time: rows[len(rows)-1].CreatedAt, ID: rows[len(rows)-1].ID}
	}
	return nil, nil
}

// ofStore is a finished window; nil if it is there no more.
func ofStore(found store.Snapshot, err error) (*snapshot.Snapshot, error) {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) || err == nil && !found.Finished {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &found.Snapshot, nil
}
