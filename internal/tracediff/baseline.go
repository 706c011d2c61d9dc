package tracediff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

func checkBaselines(p *problems, key string, baselines []baseline.Baseline, window time.Duration) {
	if len(baselines) > maxBaselines {
		p.add(key, "at most %d, got %d", maxBaselines, len(baselines))
	}
	for i, b := range baselines {
		at := fmt.Sprintf("%s::%d", key, i)
		if err := b.Validate(window); err != nil {
			p.add(at, "%v", err)
		} else if slices.Index(baselines, b) < i {
			p.add(at, "%q is listed twice", b)
		}
	}
}

// errNoBaseline is for a window that has nothing to be compared with yet.
var errNoBaseline = errors.New("no baseline yet")

// noBaseline says why there is none: in windows from before a query was changed, it selected other traces.
func noBaseline(q *store.Query) error {
	if q.ChangedAt.IsZero() {
		return errNoBaseline
	}
	return fmt.Errorf("%w: the query was changed at %s", errNoBaseline, q.ChangedAt.UTC().Format(time.RFC3339))
}

// baselineOf finds what to compare a window with: another one in which the query selected the same traces.
func (s *Service) baselineOf(ctx context.Context, q *store.Query, base baseline.Baseline, b *snapshot.Snapshot) (*snapshot.Snapshot, error) {
	var found store.Snapshot
	var err error
	switch base.Kind() {
	case baseline.Previous:
		a, err := windowsOf{s.store, q.ID, b.Of}.Before(ctx, b.Start)
		if err == nil && a == nil {
			err = noBaseline(q)
		}
		return a, err
	case baseline.Earlier:
		found, err = s.store.SnapshotAt(ctx, q.ID, b.Start.Add(-base.Lag(q.Window)))
	case baseline.PreviousVersion:
		return s.previousVersion(ctx, q, b)
	case baseline.Pinned:
		id, _ := base.Snapshot()
		if found, err = s.store.Snapshot(ctx, id); err == nil && (!found.Finished || found.Unseen) {
			err = store.ErrNotFound
		}
	default:
		return nil, fmt.Errorf("baselines: %w", base.Validate(q.Window))
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		return nil, errNoBaseline
	}
	if err == nil && !found.Of.Same(b.Of) {
		return nil, noBaseline(q)
	}
	return &found.Snapshot, err
}

// far is further ahead than any window.
const far = 365 * 24 * time.Hour

// maxBack is how many windows are looked through for another version.
const maxBack = 5000

// previousVersion finds the last window in which some service still ran wholly on another version: windows of the rollout,
// in which both versions ran, are no baseline.
func (s *Service) previousVersion(ctx context.Context, q *store.Query, b *snapshot.Snapshot) (*snapshot.Snapshot, error) {
	now := mainVersions(b.Versions)
	page := store.Page{Limit: 100, After: &store.Position{Time: b.End.Add(far), ID: ""}}
	for range maxBack / page.Limit {
		rows, err := s.store.Snapshots(ctx, store.SnapshotFilter{QueryID: q.ID, To: b.Start}, page)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if rows[i].Finished && !rows[i].OnDemand && rows[i].Of.Same(b.Of) && before(rows[i].Versions, now) {
				found, err := s.store.Snapshot(ctx, rows[i].ID)
				if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
					continue
				}
				return &found.Snapshot, err
			}
		}
		if len(rows) < page.Limit {
			break
		}
		page.After = &store.Position{Time: rows[len(rows)-1].CreatedAt, ID: rows[len(rows)-1].ID}
	}
	return nil, noBaseline(q)
}

// mainVersions is, for each service, the version that most of its spans had.
func mainVersions(versions []snapshot.Version) map[string]string {
	most, weight := map[string]string{}, map[string]float64{}
	for _, v := range versions {
		if v.Weight > weight[v.Service] {
			most[v.Service], weight[v.Service] = v.Version, v.Weight
		}
	}
	return most
}

// before says whether some service ran in a window, but not on its present version.
func before(versions []snapshot.Version, now map[string]string) bool {
	ran := map[string]bool{}
	for _, v := range versions {
		if _, known := now[v.Service]; known {
			ran[v.Service] = ran[v.Service] || v.Version == now[v.Service]
		}
	}
	for _, present := range ran {
		if !present {
			return true
		}
	}
	return false
}
