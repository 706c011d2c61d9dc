package store

import "context"

func putDiff(ctx context.Context, s session, d *Diff) error {
	data, err := pack(d)
	if err != nil {
		return err
	}
	flagged := d.FlaggedProperties()
	for i := range d.Changes {
		if d.Changes[i].Flagged {
			flagged++
		}
	}
	_, err = s.exec(ctx, `INSERT INTO trace_diff_diffs (id, query_id, baseline, a_id, b_id, calculated_at, flagged, data)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.QueryID, d.Baseline, d.A.SnapshotID, d.B.SnapshotID, nanos(d.CalculatedAt), flagged, data)
	return err
}

// SaveDiff implements Diffs.
func (d *database) SaveDiff(ctx context.Context, diff *Diff) error {
	return d.write(ctx, func(ctx context.Context, s session) error { return putDiff(ctx, s, diff) })
}

// Diffs implements Diffs. A damaged one is left out.
func (d *database) Diffs(ctx context.Context, f DiffFilter, p Page) (list []*Diff, err error) {
	var where condition
	where.equal("query_id", f.QueryID)
	if f.Baseline != nil {
		where.add("baseline = ?", *f.Baseline)
	}
	if f.Flagged {
		where.add("flagged > 0")
	}
	if f.FlaggedNone {
		where.add("flagged = 0")
	}
	where.between("calculated_at", f.From, f.To)
	where.after("calculated_at", p.After)
	err = d.read(ctx, func(ctx context.Context, s session) error {
		return s.rows(ctx, `SELECT data FROM trace_diff_diffs`+where.String()+` ORDER BY calculated_at DESC, id DESC LIMIT ?`,
			append(where.args, p.Limit), func(scan func(...any) error) error {
				var data []byte
				if err := scan(&data); err != nil {
					return err
				}
				diff := &Diff{}
				if unpack(data, diff) == nil {
					list = append(list, diff)
				}
				return nil
			})
	})
	return list, err
}

// Diff implements Diffs.
func (d *database) Diff(ctx context.Context, id string) (*Diff, error) {
	diff := &Diff{}
	err := d.read(ctx, func(ctx context.Context, s session) error {
		var data []byte
		if err := s.row(ctx, `SELECT data FROM trace_diff_diffs WHERE id = ?`, []any{id}, []any{&data}); err != nil {
			return err
		}
		return unpack(data, diff)
	})
	if err != nil {
		return nil, err
	}
	return diff, nil
}

// DeleteDiff implements Diffs.
func (d *database) DeleteDiff(ctx context.Context, id string) error {
	return d.write(ctx, func(ctx context.Context, s session) error {
		return one(s.exec(ctx, `DELETE FROM trace_diff_diffs WHERE id = ?`, id))
	})
}
