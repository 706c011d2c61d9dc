package compare

import (
	"context"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// reading reads each window once: one comparison looks at the same windows several times.
type reading struct {
	Windows
	byID   map[string]*snapshot.Snapshot
	before map[time.Time]*snapshot.Snapshot
}

var _ Windows = (*reading)(nil)

func newReading(w Windows) *reading {
	return &reading{w, map[string]*snapshot.Snapshot{}, map[time.Time]*snapshot.Snapshot{}}
}

// Snapshot implements Windows.
func (r *reading) Snapshot(ctx context.Context, id string) (*snapshot.Snapshot, error) {
	if s, ok := r.byID[id]; ok {
		return s, nil
	}
	s, err := r.Windows.Snapshot(ctx, id)
	if err == nil {
		r.byID[id] = s
	}
	return s, err
}

// Before implements Windows.
func (r *reading) Before(ctx context.Context, start time.Time) (*snapshot.Snapshot, error) {
	if s, ok := r.before[start]; ok {
		return s, nil
	}
	s, err := r.Windows.Before(ctx, start)
	if err == nil {
		r.before[start] = s
		if s != nil {
			r.byID[s.ID] = s
		}
	}
	return s, err
}
