package store

import (
	"context"
	"encoding/json"
	"time"
)

// Queries implements Queries.
func (d *database) Queries(ctx context.Context) (queries []Query, err error) {
	err = d.read(ctx, func(ctx context.Context, s session) error {
		return s.rows(ctx, `SELECT definition FROM trace_diff_queries ORDER BY created_at, id`, nil, func(scan func(...any) error) error {
			var definition []byte
			if err := scan(&definition); err != nil {
				return err
			}
			var q Query
			queries = append(queries, q)
			return json.Unmarshal(definition, &queries[len(queries)-1])
		})
	})
	return queries, err
}

// CreateQuery implements Queries.
func (d *database) CreateQuery(ctx context.Context, q Query) error {
	return d.putQuery(ctx, q, "")
}

// PutQuery implements Queries.
func (d *database) PutQuery(ctx context.Context, q Query) error {
	return d.putQuery(ctx, q, ` ON CONFLICT (id) DO UPDATE SET deleted_at = excluded.deleted_at, definition = excluded.definition`)
}

func (d *database) putQuery(ctx context.Context, q Query, conflict string) error {
	definition, err := json.Marshal(q)
	if err != nil {
		return err
	}
	return d.write(ctx, func(ctx context.Context, s session) error {
		_, err := s.exec(ctx, `INSERT INTO trace_diff_queries (id, created_at, deleted_at, definition) VALUES (?, ?, ?, ?)`+conflict,
			q.ID, nanos(q.CreatedAt), nanos(q.DeletedAt), string(definition))
		return err
	})
}

// DeleteQuery implements Queries.
func (d *database) DeleteQuery(ctx context.Context, id string, now time.Time) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		var definition []byte
		if err := s.row(ctx, `SELECT definition FROM trace_diff_queries WHERE id = ?`, []any{id}, []any{&definition}); err != nil {
			return err
		}
		var q Query
		if err := json.Unmarshal(definition, &q); err != nil {
			return err
		}
		if !q.DeletedAt.IsZero() {
			return ErrNotFound
		}
		q.DeletedAt = now
		definition, err := json.Marshal(q)
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, `UPDATE trace_diff_queries SET definition = ?, deleted_at = ? WHERE id = ?`, string(definition), nanos(now), id); err != nil {
			return err
		}
		return forgetQuery(ctx, s, id, now)
	})
}

// ForgetQuery implements Queries.
func (d *database) ForgetQuery(ctx context.Context, id string, now time.Time) error {
	return d.write(ctx, func(ctx context.Context, s session) error { return forgetQuery(ctx, s, id, now) })
}

// forgetQuery removes what is of no use without its query: open windows, and what was learned. Alerts end.
func forgetQuery(ctx context.Context, s session, id string, now time.Time) error {
	for _, statement := range []string{
		`DELETE FROM trace_diff_states WHERE query_id = ?`,
		`DELETE FROM trace_diff_parts WHERE snapshot_id IN (SELECT id FROM trace_diff_snapshots WHERE query_id = ? AND finished = 0)`,
		`DELETE FROM trace_diff_snapshots WHERE query_id = ? AND finished = 0`,
	} {
		if _, err := s.exec(ctx, statement, id); err != nil {
			return err
		}
	}
	_, err := s.exec(ctx, `UPDATE trace_diff_alerts SET status = ?, ends_at = ?, next_attempt = ?, attempts = 0, revision = revision + 1
		WHERE query_id = ? AND status = ?`, string(Resolved), nanos(now), nanos(now), id, string(Firing))
	return err
}
