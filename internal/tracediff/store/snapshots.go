package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// head is a snapshot without its groups, in JSON.
func head(s *snapshot.Snapshot) (string, error) {
	h := *s
	h.Groups, h.Total = nil, snapshot.Group{}
	text, err := json.Marshal(h)
	return string(text), err
}

// SaveSnapshot implements Snapshots.
func (d *database) SaveSnapshot(ctx context.Context, taken *snapshot.Snapshot, now time.Time) error {
	data, err := encodeSnapshot(taken)
	if err != nil {
		return err
	}
	text, err := head(taken)
	if err != nil {
		return err
	}
	return d.write(ctx, func(ctx context.Context, s session) error {
		_, err := s.exec(ctx, `INSERT INTO trace_diff_snapshots
			(id, query_id, start_at, end_at, due_at, created_at, on_demand, finished, state, head, data) VALUES (?, ?, ?, ?, ?, ?, 1, 1, ?, ?, ?)`,
			taken.ID, taken.QueryID, nanos(taken.Start), nanos(taken.End), nanos(taken.End), nanos(now), string(taken.State), text, data)
		return err
	})
}

// columns of a row that scanSnapshot reads; behind them comes the data, or NULL where it is not asked for.
const columns = `head, created_at, due_at, on_demand, finished, CASE WHEN data IS NULL THEN finished ELSE 0 END`

func scanSnapshot(scan func(...any) error, withGroups bool) (Snapshot, error) {
	var row Snapshot
	var text, data []byte
	var created, due int64
	var onDemand, finished, unseen int
	if err := scan(&text, &created, &due, &onDemand, &finished, &unseen, &data); err != nil {
		return row, err
	}
	if err := json.Unmarshal(text, &row.Snapshot); err != nil {
		return row, err
	}
	if withGroups && finished == 1 && unseen == 0 {
		whole, err := decodeSnapshot(data)
		if err != nil {
			return row, err
		}
		row.Snapshot = *whole
	}
	row.CreatedAt, row.Due = fromNanos(created), fromNanos(due)
	row.OnDemand, row.Finished, row.Unseen = onDemand == 1, finished == 1, unseen == 1
	return row, nil
}

// Snapshots implements Snapshots.
func (d *database) Snapshots(ctx context.Context, f SnapshotFilter, p Page) (list []Snapshot, err error) {
	var where condition
	where.equal("query_id", f.QueryID)
	where.equal("state", string(f.State))
	where.between("start_at", f.From, f.To)
	where.after("created_at", p.After)
	statement := `SELECT ` + columns + `, NULL FROM trace_diff_snapshots` + where.String() +
		` ORDER BY created_at DESC, id DESC LIMIT ?`
	err = d.read(ctx, func(ctx context.Context, s session) error {
		return s.rows(ctx, statement, append(where.args, p.Limit), func(scan func(...any) error) error {
			row, err := scanSnapshot(scan, false)
			list = append(list, row)
			return err
		})
	})
	return list, err
}

// Snapshot implements Snapshots.
func (d *database) Snapshot(ctx context.Context, id string) (Snapshot, error) {
	row, err := d.oneSnapshot(ctx, `id = ?`, id)
	if err != nil || row.Finished {
		return row, err
	}
	parts, err := d.Parts(ctx, id)
	if err != nil {
		return row, err
	}
	merged, _ := MergeParts(parts, row.Due)
	if merged == nil {
		return row, nil
	}
	merged.State = row.State
	row.Snapshot = *merged
	return row, nil
}

// SnapshotAt implements Snapshots.
func (d *database) SnapshotAt(ctx context.Context, queryID string, start time.Time) (Snapshot, error) {
	return d.oneSnapshot(ctx, `query_id = ? AND start_at = ? AND on_demand = 0 AND finished = 1 AND data IS NOT NULL`, queryID, nanos(start))
}

// SnapshotBefore implements Snapshots.
func (d *database) SnapshotBefore(ctx context.Context, queryID string, before time.Time) (Snapshot, error) {
	return d.oneSnapshot(ctx, `query_id = ? AND start_at < ? AND on_demand = 0 AND finished = 1 AND data IS NOT NULL ORDER BY start_at DESC, id DESC LIMIT 1`,
		queryID, nanos(before))
}

func (d *database) oneSnapshot(ctx context.Context, where string, args ...any) (row Snapshot, err error) {
	err = d.read(ctx, func(ctx context.Context, s session) error {
		found := false
		err := s.rows(ctx, `SELECT `+columns+`, data FROM trace_diff_snapshots WHERE `+where, args, func(scan func(...any) error) (err error) {
			found = true
			row, err = scanSnapshot(scan, true)
			return err
		})
		if err == nil && !found {
			err = ErrNotFound
		}
		return err
	})
	return row, err
}

// DeleteSnapshot implements Snapshots.
func (d *database) DeleteSnapshot(ctx context.Context, id string) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		if _, err := s.exec(ctx, `DELETE FROM trace_diff_parts WHERE snapshot_id = ?`, id); err != nil {
			return err
		}
		return one(s.exec(ctx, `DELETE FROM trace_diff_snapshots WHERE id = ?`, id))
	})
}

// one wants a statement to have changed a row.
func one(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// condition is a WHERE clause in the making.
type condition struct {
	terms []string
	args  []any
}

func (c *condition) add(term string, args ...any) {
	c.terms, c.args = append(c.terms, term), append(c.args, args...)
}

func (c *condition) equal(column, value string) {
	if value != "" {
		c.add(column+` = ?`, value)
	}
}

func (c *condition) between(column string, from, to time.Time) {
	if !from.IsZero() {
		c.add(column+` >= ?`, nanos(from))
	}
	if !to.IsZero() {
		c.add(column+` < ?`, nanos(to))
	}
}

// after goes on behind a position in a list that is ordered by a time and the id, newest first.
func (c *condition) after(column string, p *Position) {
	if p != nil {
		c.add(`(`+column+` < ? OR (`+column+` = ? AND id < ?))`, nanos(p.Time), nanos(p.Time), p.ID)
	}
}

func (c *condition) String() string {
	if len(c.terms) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(c.terms, ` AND `)
}
