package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// MergeParts makes one snapshot of the parts of a window, and lists the collectors whose parts are in it. A part that is damaged,
// or of another definition of the query, is left out: the others still say more than nothing. Without any, merged is nil.
//
// The window is complete if at each moment from its start until it was due some collector was there, and none of them lost what
// it was sent. So a collector may join or leave in the middle of a window while another one stays; between one that stops and the
// next one that starts, spans may have been sent to nobody.
func MergeParts(parts []Part, due time.Time) (merged *snapshot.Snapshot, collectors []string) {
	whole := true
	var watched []Watch
	for i := range parts {
		s, err := parts[i].Snapshot()
		if err == nil {
			w := parts[i].watch(s, due)
			watched = append(watched, w)
			whole = whole && w != Watch{}
		}
		if err == nil && merged != nil {
			s, err = snapshot.Merge(merged, s)
		}
		if err != nil {
			whole = false
			continue
		}
		merged, collectors = s, append(collectors, parts[i].Collector)
	}
	if merged == nil {
		return nil, nil
	}
	merged.State = snapshot.Partial
	if whole && covers(watched, merged.Start, due) {
		merged.State = snapshot.Complete
	}
	return merged, collectors
}

// watch is when the collector of a part that holds s was there.
func (p *Part) watch(s *snapshot.Snapshot, due time.Time) Watch {
	switch {
	case !p.Final:
		return Watch{} // it is gone, and took with it what came after the checkpoint
	case p.Watched == Watch{} && s.State == snapshot.Complete: // of a version that did not say
		return Watch{s.Start, due}
	}
	return p.Watched
}

// covers says whether some collector was there at each moment from one time until another.
func covers(watched []Watch, from, until time.Time) bool {
	slices.SortFunc(watched, func(a, b Watch) int { return a.From.Compare(b.From) })
	for _, w := range watched {
		if w.From.After(from) {
			return false
		}
		if w.Until.After(from) {
			from = w.Until
		}
	}
	return !from.Before(until)
}

// maxUnseen bounds how many windows are noted as unseen at a time: those of a longer absence are just not there.
const maxUnseen = 100

// putUnseen notes the windows between one that is finished and the one before it: no collector was there for them. They are partial,
// and have no data.
func putUnseen(ctx context.Context, s session, finished *snapshot.Snapshot, now time.Time) error {
	var last int64
	err := s.row(ctx, `SELECT end_at FROM trace_diff_snapshots WHERE query_id = ? AND start_at < ? AND on_demand = 0
		ORDER BY start_at DESC LIMIT 1`, []any{finished.QueryID, nanos(finished.Start)}, []any{&last})
	if errors.Is(err, ErrNotFound) {
		return nil // it is the first
	}
	if err != nil {
		return err
	}
	length := finished.End.Sub(finished.Start)
	for n := range maxUnseen {
		start := finished.Start.Add(-time.Duration(n+1) * length)
		if nanos(start) < last || length <= 0 {
			break
		}
		end := start.Add(length)
		text, err := head(&snapshot.Snapshot{
			ID: snapshot.NewID(finished.QueryID, start), QueryID: finished.QueryID, Start: start, End: end, Completed: now,
			State: snapshot.Partial, Keys: finished.Keys, Slice: finished.Slice,
		})
		if err != nil {
			return err
		}
		_, err = s.exec(ctx, `INSERT INTO trace_diff_snapshots
			(id, query_id, start_at, end_at, due_at, created_at, on_demand, finished, state, head) VALUES (?, ?, ?, ?, ?, ?, 0, 1, ?, ?)
			ON CONFLICT (id) DO NOTHING`, snapshot.NewID(finished.QueryID, start), finished.QueryID, nanos(start), nanos(end), nanos(end), nanos(now),
			string(snapshot.Partial), text)
		if err != nil {
			return err
		}
	}
	return nil
}
