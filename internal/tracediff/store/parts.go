package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// SavePart implements Windows.
func (d *database) SavePart(ctx context.Context, p Part) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		_, err := s.exec(ctx, `INSERT INTO trace_diff_snapshots
			(id, query_id, start_at, end_at, due_at, created_at, on_demand, finished, state, head) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, ?)
			ON CONFLICT (id) DO NOTHING`,
			p.SnapshotID, p.query, nanos(p.start), nanos(p.end), nanos(p.Due), nanos(p.SavedAt), string(snapshot.Open), p.opened)
		if err != nil {
			return err
		}
		// Locks the row: merging, finishing and other parts come before or after.
		finished, err := s.exec(ctx, `UPDATE trace_diff_snapshots SET state = state WHERE id = ? AND finished = 1`, p.SnapshotID)
		if err != nil {
			return err
		}
		if finished == 1 {
			if !p.Final {
				return nil // the window went on without this collector, and took its last checkpoint
			}
			return mergeLate(ctx, s, &p)
		}
		_, err = s.exec(ctx, `INSERT INTO trace_diff_parts (snapshot_id, collector, final, watched_from, watched_until, saved_at, data)
			VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (snapshot_id, collector) DO UPDATE SET final = excluded.final, watched_from = excluded.watched_from,
				watched_until = excluded.watched_until, saved_at = excluded.saved_at, data = excluded.data
			WHERE trace_diff_parts.final = 0`,
			p.SnapshotID, p.Collector, flag(p.Final), nanos(p.Watched.From), nanos(p.Watched.Until), nanos(p.SavedAt), p.data)
		return err
	})
}

// Pending implements Windows.
func (d *database) Pending(ctx context.Context, now time.Time) (pending []Pending, err error) {
	err = d.read(ctx, func(ctx context.Context, s session) error {
		byID := map[string]int{}
		return s.rows(ctx, `SELECT s.id, s.query_id, s.due_at, p.collector, p.final
			FROM trace_diff_snapshots s LEFT JOIN trace_diff_parts p ON p.snapshot_id = s.id
			WHERE s.finished = 0 AND s.due_at <= ? ORDER BY s.start_at, s.id, p.collector`, []any{nanos(now)},
			func(scan func(...any) error) error {
				var row Pending
				var due int64
				var collector *string
				var final *int
				if err := scan(&row.SnapshotID, &row.QueryID, &due, &collector, &final); err != nil {
					return err
				}
				at, ok := byID[row.SnapshotID]
				if !ok {
					at = len(pending)
					byID[row.SnapshotID] = at
					row.Due = fromNanos(due)
					pending = append(pending, row)
				}
				if collector != nil && *final == 0 {
					pending[at].Waiting = append(pending[at].Waiting, *collector)
				}
				return nil
			})
	})
	return pending, err
}

// Parts implements Windows.
func (d *database) Parts(ctx context.Context, snapshotID string) (parts []Part, err error) {
	err = d.read(ctx, func(ctx context.Context, s session) error {
		return s.rows(ctx, `SELECT collector, final, watched_from, watched_until, saved_at, data FROM trace_diff_parts WHERE snapshot_id = ? ORDER BY collector`,
			[]any{snapshotID}, func(scan func(...any) error) error {
				p := Part{SnapshotID: snapshotID}
				var final int
				var from, until, saved int64
				if err := scan(&p.Collector, &final, &from, &until, &saved, &p.data); err != nil {
					return err
				}
				p.Final, p.Watched, p.SavedAt = final == 1, Watch{fromNanos(from), fromNanos(until)}, fromNanos(saved)
				parts = append(parts, p)
				return nil
			})
	})
	return parts, err
}

// Finish implements Windows.
func (d *database) Finish(ctx context.Context, lease, holder string, f Finished) error {
	data, err := encodeSnapshot(f.Snapshot)
	if err != nil {
		return err
	}
	text, err := head(f.Snapshot)
	if err != nil {
		return err
	}
	taken, err := json.Marshal(f.Collectors)
	if err != nil {
		return err
	}
	return d.write(ctx, func(ctx context.Context, s session) error {
		held, err := s.exec(ctx, `UPDATE trace_diff_leases SET until = 0 WHERE name = ? AND holder = ?`, lease, holder)
		if err != nil {
			return err
		}
		if held == 0 {
			return ErrLost
		}
		err = one(s.exec(ctx, `UPDATE trace_diff_snapshots SET finished = 1, state = ?, head = ?, taken = ?, data = ?
			WHERE id = ? AND finished = 0`, string(f.Snapshot.State), text, string(taken), data, f.Snapshot.ID))
		if errors.Is(err, ErrNotFound) {
			return ErrLost // finished by another, or deleted
		}
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, `DELETE FROM trace_diff_parts WHERE snapshot_id = ?`, f.Snapshot.ID); err != nil {
			return err
		}
		if err := putUnseen(ctx, s, f.Snapshot, f.Now); err != nil {
			return err
		}
		for _, diff := range f.Diffs {
			if err := putDiff(ctx, s, diff); err != nil {
				return err
			}
		}
		for _, state := range f.States {
			if err := putState(ctx, s, f.Snapshot.QueryID, state, f.Now); err != nil {
				return err
			}
		}
		return putAlerts(ctx, s, f.Alerts, f.Now)
	})
}

// mergeLate adds a part to a window that was finished without it. Diffs that were calculated stay as they are. The part of a
// collector whose checkpoint is in the window already would count twice, and is left out.
func mergeLate(ctx context.Context, s session, p *Part) error {
	var data []byte
	var taken string
	if err := s.row(ctx, `SELECT data, taken FROM trace_diff_snapshots WHERE id = ?`, []any{p.SnapshotID}, []any{&data, &taken}); err != nil {
		return err
	}
	var collectors []string
	if err := json.Unmarshal([]byte(taken), &collectors); err != nil {
		return err
	}
	if slices.Contains(collectors, p.Collector) {
		return nil
	}
	late, err := p.Snapshot()
	if err != nil {
		return err
	}
	finished := late
	if len(data) > 0 { // else it was thought that nobody had seen the window
		if finished, err = decodeSnapshot(data); err != nil {
			return err
		}
		if finished, err = snapshot.Merge(finished, late); err != nil {
			return nil //nolint:nilerr // of another definition of the query: there is no place for it
		}
	}
	finished.State = snapshot.Partial // for its diffs were calculated without this part
	if data, err = encodeSnapshot(finished); err != nil {
		return err
	}
	text, err := head(finished)
	if err != nil {
		return err
	}
	names, err := json.Marshal(append(collectors, p.Collector))
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, `UPDATE trace_diff_snapshots SET state = ?, head = ?, taken = ?, data = ? WHERE id = ?`,
		string(finished.State), text, string(names), data, p.SnapshotID)
	return err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
