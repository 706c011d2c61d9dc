package store

import (
	"context"
	"time"
)

// Seen implements Collectors.
func (d *database) Seen(ctx context.Context, collector string, now time.Time) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		_, err := s.exec(ctx, `INSERT INTO trace_diff_collectors (id, seen) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen`,
			collector, nanos(now))
		return err
	})
}

// Leave implements Collectors.
func (d *database) Leave(ctx context.Context, collector string) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		if _, err := s.exec(ctx, `DELETE FROM trace_diff_leases WHERE holder = ?`, collector); err != nil {
			return err
		}
		_, err := s.exec(ctx, `DELETE FROM trace_diff_collectors WHERE id = ?`, collector)
		return err
	})
}

// Collectors implements Collectors.
func (d *database) Collectors(ctx context.Context, since time.Time) (ids []string, err error) {
	err = d.read(ctx, func(ctx context.Context, s session) error {
		return s.rows(ctx, `SELECT id FROM trace_diff_collectors WHERE seen >= ? ORDER BY id`, []any{nanos(since)}, func(scan func(...any) error) error {
			ids = append(ids, "")
			return scan(&ids[len(ids)-1])
		})
	})
	return ids, err
}

// Lease implements Leases.
func (d *database) Lease(ctx context.Context, name, holder string, now, until time.Time) (held bool, err error) {
	err = d.write(ctx, func(ctx context.Context, s session) error {
		n, err := s.exec(ctx, `INSERT INTO trace_diff_leases (name, holder, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE trace_diff_leases.until < ? OR trace_diff_leases.holder = excluded.holder`, name, holder, nanos(until), nanos(now))
		held = n == 1
		return err
	})
	return held, err
}
