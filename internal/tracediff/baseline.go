package tracediff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Baselines, in their short form.
const (
	Previous        = "previous"
	PreviousVersion = "version:previous"
	pin             = "pin:"
)

// far stands for the distance of a baseline that a change does not reach soon.
const far = 365 * 24 * time.Hour

// lag is how far a baseline lies behind a window; ok is false if it is no baseline.
func lag(baseline string, window time.Duration) (distance time.Duration, ok bool) {
	switch {
	case baseline == Previous:
		return window, true
	case baseline == PreviousVersion, strings.HasPrefix(baseline, pin) && len(baseline) > len(pin):
		return far, true
	}
	d, err := time.ParseDuration(baseline)
	return d, err == nil
}

func checkBaselines(p *problems, key string, baselines []string, window time.Duration) {
	if len(baselines) > maxBaselines {
		p.add(key, "at most %d, got %d", maxBaselines, len(baselines))
	}
	for i, b := range baselines {
		at := fmt.Sprintf("%s::%d", key, i)
		distance, ok := lag(b, window)
		switch {
		case !ok:
			p.add(at, `must be "previous", a duration such as 24h, {version: previous} or {pin: SNAPSHOT}, got %q`, b)
		case slices.Index(baselines, b) < i:
			p.add(at, "%q is listed twice", b)
		case distance < far && distance <= 0:
			p.add(at, "must be positive, got %v", b)
		case distance < far && window > 0 && distance%window != 0:
			p.add(at, "must be a multiple of the window (%v), or no window begins then, got %v", window, b)
		}
	}
}

// errNoBaseline is for a window that has nothing to be compared with yet.
var errNoBaseline = errors.New("no baseline")

// baselineOf finds what to compare a window with.
func (s *Service) baselineOf(ctx context.Context, q *store.Query, baseline string, b *snapshot.Snapshot) (*snapshot.Snapshot, error) {
	var found store.Snapshot
	var err error
	switch {
	case baseline == Previous:
		found, err = s.store.SnapshotBefore(ctx, q.ID, b.Start)
	case baseline == PreviousVersion:
		return s.previousVersion(ctx, q, b)
	case strings.HasPrefix(baseline, pin):
		found, err = s.store.Snapshot(ctx, strings.TrimPrefix(baseline, pin))
		if err == nil && !found.Finished {
			err = store.ErrNotFound
		}
	default:
		distance, ok := lag(baseline, q.Window)
		if !ok {
			return nil, fmt.Errorf("%q is no baseline", baseline)
		}
		found, err = s.store.SnapshotAt(ctx, q.ID, b.Start.Add(-distance))
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		return nil, errNoBaseline
	}
	return &found.Snapshot, err
}

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
			if rows[i].Finished && !rows[i].OnDemand && before(rows[i].Versions, now) {
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
	return nil, errNoBaseline
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
