package tracediff

import (
	"context"
	"fmt"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// SideBySide compares what two queries saw in one window, also by what tells their traces apart, and keeps the answer. A trace that
// matches both queries is on both sides, for a window holds sums and not spans: queries that exclude each other are compared best.
func (s *Service) SideBySide(ctx context.Context, a, b string, keys []string) (*store.Diff, error) {
	from, to, err := s.comparedSides(ctx, a, b)
	if err != nil {
		return nil, err
	}
	switch {
	case from.QueryID == to.QueryID:
		return nil, RefusedError(fmt.Sprintf("side_by_side: compares windows of two queries, got two of %s; leave it out to compare one after the other", to.QueryID))
	case !from.Start.Equal(to.Start) || !from.End.Equal(to.End) || from.Slice != to.Slice:
		return nil, RefusedError(fmt.Sprintf("side_by_side: compares within one window, but a is from %s to %s and b from %s to %s; "+
			"give the queries windows of one length, and choose those of one time",
			clock(from.Start), clock(from.End), clock(to.Start), clock(to.End)))
	}
	if keys, err = comparedKeys(&from, &to, keys); err != nil {
		return nil, err
	}
	x, y := from.Snapshot, to.Snapshot
	x.Keys, y.Keys = keys, keys
	thresholds := compare.DefaultThresholds()
	if q := s.KnownQuery(to.QueryID); q.ID != "" {
		thresholds = q.Thresholds
	}
	diff, apart := compare.SideBySide(&x, &y, keys, thresholds, s.criteria(&from, &to))
	apart.Rest = nil // of a thousand values of a key, most do not tell
	d := &store.Diff{Diff: *diff, Keys: keys, Against: from.QueryID, Apart: apart}
	d.Name(randomID(), to.QueryID, "", s.now().UTC())
	return d, s.store.SaveDiff(ctx, d)
}

// criteria are those of the queries of some windows, as far as they are known.
func (s *Service) criteria(windows ...*store.Snapshot) compare.Criteria {
	var parsed []*query.Query
	for _, w := range windows {
		text := w.Of.Text
		if text == "" { // of an older version
			text = s.KnownQuery(w.QueryID).Text
		}
		if q, err := query.Parse(text); err == nil {
			parsed = append(parsed, q)
		}
	}
	return func(key, value string) bool {
		for _, q := range parsed {
			if q.Selects(key, value) {
				return true
			}
		}
		return false
	}
}
