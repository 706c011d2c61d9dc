package notices

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/wire"
)

// longestMaintenance bounds a window: what takes longer is no maintenance, but the way things are.
const longestMaintenance = 31 * 24 * time.Hour

func checkMaintenance(m *wire.Maintenance) error {
	problems := []error{checkText(m.Text)}
	switch {
	case m.From.IsZero():
		problems = append(problems, errors.New("from: must be a time such as 2026-03-01T22:00:00Z"))
	case m.To.IsZero():
		problems = append(problems, errors.New("to: must be a time such as 2026-03-01T23:00:00Z"))
	case !m.To.After(m.From):
		problems = append(problems, fmt.Errorf("to: must be later than from, got %s and %s", m.From.Format(time.RFC3339), m.To.Format(time.RFC3339)))
	case m.To.Sub(m.From) > longestMaintenance:
		problems = append(problems, fmt.Errorf("to: must be at most %v after from, is %v", longestMaintenance, m.To.Sub(m.From)))
	}
	return errors.Join(problems...)
}

// AddMaintenance plans work. Time that has gone by is not counted anew: uptime leaves out what is planned when it is measured.
func (b *Board) AddMaintenance(n *wire.NewMaintenance) (wire.Maintenance, error) {
	m := wire.Maintenance{ID: newID(), Text: n.Text, From: n.From.UTC(), To: n.To.UTC()}
	if err := checkMaintenance(&m); err != nil {
		return m, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return m, add(&b.maintenance, m, func(m *wire.Maintenance) time.Time { return m.From }, func(m *wire.Maintenance) time.Time { return m.To }, b.now())
}

// RemoveMaintenance takes a window back.
func (b *Board) RemoveMaintenance(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return remove(&b.maintenance, func(m *wire.Maintenance) bool { return m.ID == id })
}

// Maintenance lists the windows, the latest first.
func (b *Board) Maintenance() []wire.Maintenance {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]wire.Maintenance{}, b.maintenance...)
}

// Planned tells whether work is planned at a time.
func (b *Board) Planned(at time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.maintenance, func(m wire.Maintenance) bool { return !at.Before(m.From) && at.Before(m.To) })
}
