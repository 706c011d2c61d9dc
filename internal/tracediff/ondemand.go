package tracediff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Compare compares two snapshots of one query on demand, and keeps the answer. Without keys it is about all that they have
// captured, which must be the same then: values that one side was not asked for would seem to be missing from the answer.
func (s *Service) Compare(ctx context.Context, a, b string, keys []string) (*store.Diff, error) {
	from, to, err := s.comparedSides(ctx, a, b)
	if err != nil {
		return nil, err
	}
	if from.QueryID != to.QueryID {
		return nil, RefusedError(fmt.Sprintf("a and b: must be snapshots of one query, got one of %s and one of %s; side_by_side compares two queries within a window",
			from.QueryID, to.QueryID))
	}
	if !from.Of.Same(to.Of) {
		return nil, RefusedError(fmt.Sprintf("a and b: the query was changed between them and selects other traces: a is of %s, b of %s; compare windows of one definition",
			from.Of, to.Of))
	}
	if keys, err = comparedKeys(&from, &to, keys); err != nil {
		return nil, err
	}
	q := s.KnownQuery(to.QueryID)
	if q.ID == "" {
		q.Thresholds = compare.DefaultThresholds()
	}
	d := &store.Diff{Keys: keys}
	known, err := s.scheduled(ctx, &q, from.ID, to.ID)
	switch {
	case err != nil:
		return nil, err
	case known != nil:
		d.Diff = known.Diff
	default:
		var history *compare.History
		if to.Of.Same(definition(&q)) { // else nothing is known any more of how much such windows differ
			if history, err = s.pastOf(ctx, &q); err != nil {
				return nil, err
			}
		}
		d.Diff = *compare.Compare(&from.Snapshot, &to.Snapshot, history, q.Thresholds)
	}
	d.Only(func(c *compare.Change) bool { return c.Kind != snapshot.Attribute || slices.Contains(keys, c.Key) })
	d.Name(randomID(), to.QueryID, "", s.now().UTC())
	return d, s.store.SaveDiff(ctx, d)
}

// comparedSides reads both sides of a comparison.
func (s *Service) comparedSides(ctx context.Context, a, b string) (from, to store.Snapshot, err error) {
	if from, err = s.compared(ctx, "a", a); err != nil {
		return from, to, err
	}
	if to, err = s.compared(ctx, "b", b); err != nil {
		return from, to, err
	}
	if from.ID == to.ID {
		err = RefusedError("a and b: must be two snapshots, got the same one twice")
	}
	return from, to, err
}

// comparedKeys are those that were named, or else all, which must be the same on both sides then.
func comparedKeys(from, to *store.Snapshot, named []string) ([]string, error) {
	captured := captures(&from.Snapshot, &to.Snapshot)
	for i, k := range named {
		if !slices.Contains(captured, k) {
			return nil, RefusedError(fmt.Sprintf("keys::%d: %q was not captured; there are %s", i, k, strings.Join(captured, ", ")))
		}
	}
	if len(named) > 0 {
		return named, nil
	}
	if !slices.Equal(slices.Sorted(slices.Values(from.Keys)), slices.Sorted(slices.Values(to.Keys))) {
		why := "for the query has changed"
		if from.QueryID != to.QueryID {
			why = "as their queries say"
		}
		return nil, RefusedError(fmt.Sprintf("keys: a has captured %s, b %s, %s; name those to compare, among %s",
			keyList(from.Keys), keyList(to.Keys), why, strings.Join(captured, ", ")))
	}
	return captured, nil
}

// scheduled finds the diff of two snapshots that was made when the second was finished, under the thresholds of now; nil if there
// is none. It is the better answer: since then the query has learned from the two, and would take what changed for usual. But one that
// follows changes of earlier windows compares these with windows of their own.
func (s *Service) scheduled(ctx context.Context, q *store.Query, a, b string) (*store.Diff, error) {
	for _, base := range q.Baselines {
		d, err := s.store.Diff(ctx, diffID(b, base))
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if d.A.SnapshotID == a && d.Thresholds == q.Thresholds && !slices.ContainsFunc(d.Changes, followed) {
			return d, nil
		}
	}
	return nil, nil
}

func followed(c compare.Change) bool {
	return c.Standing == compare.Lasting || c.Standing == compare.Cleared
}

// compared reads one side of a comparison.
func (s *Service) compared(ctx context.Context, name, id string) (store.Snapshot, error) {
	found, err := s.store.Snapshot(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return found, RefusedError(fmt.Sprintf("%s: there is no snapshot %q", name, id))
	}
	if err == nil && !found.Finished {
		return found, RefusedError(fmt.Sprintf("%s: snapshot %s is open until %s; POST /api/snapshots takes one now", name, id, clock(found.Due)))
	}
	if err == nil && found.Unseen {
		return found, RefusedError(fmt.Sprintf("%s: no collector was there for the window %s; there is nothing to compare", name, id))
	}
	return found, err
}

// clock writes a time of day.
func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }

func keyList(keys []string) string {
	if len(keys) == 0 {
		return "no attribute"
	}
	return strings.Join(keys, ", ")
}

// captures lists the keys that both snapshots can be compared by.
func captures(a, b *snapshot.Snapshot) []string {
	keys := []string{"service", "operation"}
	for _, k := range b.Keys {
		if slices.Contains(a.Keys, k) && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// pastOf is what the query's first baseline has taught about the variance between windows; nil if nothing.
func (s *Service) pastOf(ctx context.Context, q *store.Query) (*compare.History, error) {
	if q.ID == "" || len(q.Baselines) == 0 {
		return nil, nil
	}
	l, err := s.series(ctx, q, q.Baselines[0])
	if err != nil || l.History.Pairs() == 0 {
		return nil, err
	}
	return &l.History, nil
}
