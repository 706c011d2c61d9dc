package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// putAlerts brings the outbox up to date. An alert goes on and ends under the content with which it fired, by which targets know it; at
// its end that is supplemented by why. One that fires already keeps its start and what was delivered; one that was never delivered is not
// resolved but removed.
//
// The table has two columns, identity and fingerprint, from when these could differ. Both hold the fingerprint.
func putAlerts(ctx context.Context, s session, alerts []Alert, now time.Time) error {
	for i := range alerts {
		a := &alerts[i]
		var status, delivered string
		var content []byte
		err := s.row(ctx, `SELECT status, delivered, content FROM trace_diff_alerts WHERE target = ? AND identity = ?`,
			[]any{a.Target, a.Fingerprint}, []any{&status, &delivered, &content})
		switch {
		case errors.Is(err, ErrNotFound) && a.Status == Firing:
			_, err = s.exec(ctx, `INSERT INTO trace_diff_alerts (target, identity, query_id, baseline, fingerprint, status, delivered, starts_at,
				ends_at, revision, attempts, next_attempt, content) VALUES (?, ?, ?, ?, ?, ?, '', ?, 0, 1, 0, ?, ?)`,
				a.Target, a.Fingerprint, a.QueryID, a.Baseline, a.Fingerprint, string(Firing), nanos(a.StartsAt), nanos(now), string(a.Content))
		case errors.Is(err, ErrNotFound):
			err = nil // resolved before it was ever known
		case err != nil:
		case a.Status == Resolved && delivered == "":
			_, err = s.exec(ctx, `DELETE FROM trace_diff_alerts WHERE target = ? AND identity = ?`, a.Target, a.Fingerprint)
		case status == string(a.Status):
		case a.Status == Firing: // again, before the end of the last time was delivered
			_, err = s.exec(ctx, `UPDATE trace_diff_alerts SET status = ?, ends_at = 0, revision = revision + 1, attempts = 0, next_attempt = ?,
				content = ? WHERE target = ? AND identity = ?`, string(Firing), nanos(now), string(a.Content), a.Target, a.Fingerprint)
		default:
			_, err = s.exec(ctx, `UPDATE trace_diff_alerts SET status = ?, ends_at = ?, revision = revision + 1, attempts = 0, next_attempt = ?,
				content = ? WHERE target = ? AND identity = ?`, string(Resolved), nanos(a.EndsAt), nanos(now), string(supplemented(content, a.Content)), a.Target, a.Fingerprint)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// supplemented is a content with the fields that are new at its end; as it was where either is no object.
func supplemented(content, news []byte) []byte {
	all := map[string]json.RawMessage{}
	if json.Unmarshal(content, &all) != nil || json.Unmarshal(news, &all) != nil {
		return content
	}
	joined, err := json.Marshal(all)
	if err != nil {
		return content
	}
	return joined
}

// Alerts implements Alerts.
func (d *database) Alerts(ctx context.Context, queryID string) ([]Alert, error) {
	var where condition
	where.equal("query_id", queryID)
	return d.alerts(ctx, where.String()+` ORDER BY starts_at, target, identity`, where.args...)
}

// DueAlerts implements Outbox.
func (d *database) DueAlerts(ctx context.Context, target string, now time.Time, limit int) ([]Alert, error) {
	return d.alerts(ctx, ` WHERE target = ? AND next_attempt > 0 AND next_attempt <= ? ORDER BY next_attempt, identity LIMIT ?`,
		target, nanos(now), limit)
}

func (d *database) alerts(ctx context.Context, rest string, args ...any) (list []Alert, err error) {
	err = d.read(ctx, func(ctx context.Context, s session) error {
		return s.rows(ctx, `SELECT target, identity, query_id, baseline, status, delivered, starts_at, ends_at, revision,
			attempts, next_attempt, content FROM trace_diff_alerts`+rest, args, func(scan func(...any) error) error {
			var a Alert
			var status, delivered string
			var content []byte
			var starts, ends, next int64
			err := scan(&a.Target, &a.Fingerprint, &a.QueryID, &a.Baseline, &status, &delivered, &starts, &ends, &a.Revision,
				&a.Attempts, &next, &content)
			a.Status, a.Delivered, a.Content = Status(status), Status(delivered), json.RawMessage(content)
			a.StartsAt, a.EndsAt, a.NextAttempt = fromNanos(starts), fromNanos(ends), fromNanos(next)
			list = append(list, a)
			return err
		})
	})
	return list, err
}

// Delivered implements Outbox. What has changed since a was read stays due.
func (d *database) Delivered(ctx context.Context, a Alert, next time.Time) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		if a.Status == Resolved {
			_, err := s.exec(ctx, `DELETE FROM trace_diff_alerts WHERE target = ? AND identity = ? AND revision = ?`, a.Target, a.Fingerprint, a.Revision)
			return err
		}
		n, err := s.exec(ctx, `UPDATE trace_diff_alerts SET delivered = ?, attempts = 0, next_attempt = ? WHERE target = ? AND identity = ? AND revision = ?`,
			string(a.Status), nanos(next), a.Target, a.Fingerprint, a.Revision)
		if err != nil || n == 1 {
			return err
		}
		_, err = s.exec(ctx, `UPDATE trace_diff_alerts SET delivered = ? WHERE target = ? AND identity = ?`, string(a.Status), a.Target, a.Fingerprint)
		return err
	})
}

// Failed implements Outbox.
func (d *database) Failed(ctx context.Context, a Alert, next time.Time) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		_, err := s.exec(ctx, `UPDATE trace_diff_alerts SET attempts = attempts + 1, next_attempt = ?
			WHERE target = ? AND identity = ? AND revision = ?`, nanos(next), a.Target, a.Fingerprint, a.Revision)
		return err
	})
}

// DropAlert implements Outbox.
func (d *database) DropAlert(ctx context.Context, a Alert) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		_, err := s.exec(ctx, `DELETE FROM trace_diff_alerts WHERE target = ? AND identity = ? AND revision = ?`, a.Target, a.Fingerprint, a.Revision)
		return err
	})
}
