package tracediff

import (
	"context"
	"encoding/json"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/incident"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// alertAll turns what the diffs of a window say of incidents into alerts: one for each incident and target.
func (s *Service) alertAll(ctx context.Context, q *store.Query, f *store.Finished) ([]incident.Event, error) {
	book, err := s.incidents(ctx, q)
	if err != nil {
		return nil, err
	}
	diffs := make([]*compare.Diff, len(f.Diffs))
	for i, d := range f.Diffs {
		diffs[i] = &d.Diff
	}
	events := book.Update(diffs)
	state, err := json.Marshal(book)
	if err != nil {
		return nil, err
	}
	f.States = append(f.States, store.State{Name: incidentsState, Data: state})
	for i := range events {
		alerts, err := alertsOf(q, &events[i], f)
		if err != nil {
			return nil, err
		}
		f.Alerts = append(f.Alerts, alerts...)
	}
	return events, s.endForgotten(ctx, q, book, f)
}

// alertsOf are the alerts of one event, one for each target.
func alertsOf(q *store.Query, e *incident.Event, f *store.Finished) (alerts []store.Alert, err error) {
	a := store.Alert{
		QueryID: q.ID, Baseline: e.Diff.Baseline, Fingerprint: e.Incident.ID, Status: store.Firing, StartsAt: e.Incident.Began,
	}
	if e.Kind == incident.Ended {
		a.Status, a.EndsAt, a.Content = store.Resolved, f.Snapshot.End, alert.Ending(e.Change.Reason)
	} else {
		if a.Content, err = json.Marshal(alert.NewContent(q, e)); err != nil {
			return nil, err
		}
	}
	for _, target := range q.Alerts {
		a.Target = target
		alerts = append(alerts, a)
	}
	return alerts, nil
}

// endForgotten resolves alerts whose incident is not known any more, because what was learned was lost or is of an older version.
func (s *Service) endForgotten(ctx context.Context, q *store.Query, book *incident.Book, f *store.Finished) error {
	stored, err := s.store.Alerts(ctx, q.ID)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, id := range book.IDs() {
		known[id] = true
	}
	for i := range f.Alerts {
		known[f.Alerts[i].Fingerprint] = true
	}
	for _, a := range stored {
		if a.Status == store.Firing && !known[a.Fingerprint] {
			a.Status, a.EndsAt, a.Content = store.Resolved, f.Snapshot.End, alert.Ending(compare.BaselineReplaced)
			f.Alerts = append(f.Alerts, a)
		}
	}
	return nil
}

// log says what began and what is over.
func (s *Service) log(q *store.Query, events []incident.Event) {
	for i := range events {
		e := &events[i]
		id := zap.String("incident", e.Incident.ID)
		switch e.Kind {
		case incident.Began:
			content := alert.NewContent(q, e)
			s.logger.Info("A change is certain", id, zap.String("cause", content.Summary), zap.String("details", content.Description),
				zap.String("diff", e.Diff.ID))
		case incident.Ended:
			s.logger.Info("A change is over", id, zap.String("query", q.Name), zap.String("service", e.Incident.Culprit),
				zap.String("reason", string(e.Change.Reason)), zap.String("diff", e.Diff.ID))
		}
	}
}
