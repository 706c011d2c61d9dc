package store

import (
	"context"
	"strings"
	"time"
)

// batch bounds how much one transaction removes, so that others need not wait long for their turn.
const batch = 200

// Expire implements Retention.
func (d *database) Expire(ctx context.Context, before time.Time, keep []string) (Expired, error) {
	var done Expired
	args := []any{nanos(before)}
	for _, id := range keep {
		args = append(args, id)
	}
	args = append(args, batch)
	rest := strings.Repeat(` AND id <> ?`, len(keep))
	var err error
	done.Snapshots, err = d.removeAll(ctx, `DELETE FROM trace_diff_snapshots WHERE id IN
		(SELECT id FROM trace_diff_snapshots WHERE end_at < ? AND finished = 1`+rest+` LIMIT ?)`, args...)
	if err != nil {
		return done, err
	}
	done.Diffs, err = d.removeAll(ctx, `DELETE FROM trace_diff_diffs WHERE id IN
		(SELECT id FROM trace_diff_diffs WHERE calculated_at < ? LIMIT ?)`, nanos(before), batch)
	if err != nil {
		return done, err
	}
	return done, d.write(ctx, func(ctx context.Context, s session) error {
		for _, statement := range []string{
			`DELETE FROM trace_diff_states WHERE saved_at < ?`,
			`DELETE FROM trace_diff_alerts WHERE ends_at > 0 AND ends_at < ?`,
			`DELETE FROM trace_diff_queries WHERE deleted_at > 0 AND deleted_at < ?`,
			`DELETE FROM trace_diff_collectors WHERE seen < ?`,
			`DELETE FROM trace_diff_leases WHERE until < ?`,
		} {
			if _, err := s.exec(ctx, statement, nanos(before)); err != nil {
				return err
			}
		}
		return nil
	})
}

// removeAll repeats a statement until it finds nothing more.
func (d *database) removeAll(ctx context.Context, statement string, args ...any) (total int64, err error) {
	for {
		var n int64
		err := d.write(ctx, func(ctx context.Context, s session) (err error) {
			n, err = s.exec(ctx, statement, args...)
			return err
		})
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}
