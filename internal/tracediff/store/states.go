package store

import (
	"context"
	"errors"
	"time"
)

func putState(ctx context.Context, s session, queryID string, state State, now time.Time) error {
	data, err := compress(state.Data)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, `INSERT INTO trace_diff_states (query_id, name, saved_at, data) VALUES (?, ?, ?, ?)
		ON CONFLICT (query_id, name) DO UPDATE SET saved_at = excluded.saved_at, data = excluded.data`, queryID, state.Name, nanos(now), data)
	return err
}

// State implements States.
func (d *database) State(ctx context.Context, queryID, name string) (data []byte, err error) {
	err = d.read(ctx, func(ctx context.Context, s session) error {
		return s.row(ctx, `SELECT data FROM trace_diff_states WHERE query_id = ? AND name = ?`, []any{queryID, name}, []any{&data})
	})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decompress(data)
}
