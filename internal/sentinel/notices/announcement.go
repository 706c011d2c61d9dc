package notices

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/wire"
)

func checkAnnouncement(a *wire.Announcement) error {
	problems := []error{checkText(a.Text)}
	if known := a.Severity.Enum(); !slices.Contains(known, string(a.Severity)) {
		problems = append(problems, fmt.Errorf("severity: must be one of %s, got %q", strings.Join(known, ", "), a.Severity))
	}
	if a.Until != nil && !a.Until.After(a.From) {
		problems = append(problems, errors.New("until: must be later than from; leave it out for an announcement until further notice"))
	}
	return errors.Join(problems...)
}

// endOf is when it is over.
func endOf(a *wire.Announcement) time.Time {
	if a.Until == nil {
		return far
	}
	return *a.Until
}

// AddAnnouncement announces something.
func (b *Board) AddAnnouncement(n *wire.NewAnnouncement) (wire.Announcement, error) {
	a := wire.Announcement{ID: newID(), Text: n.Text, Severity: cmp.Or(n.Severity, wire.Info), From: b.now().UTC()}
	if n.From != nil {
		a.From = n.From.UTC()
	}
	if n.Until != nil {
		until := n.Until.UTC()
		a.Until = &until
	}
	if err := checkAnnouncement(&a); err != nil {
		return a, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return a, add(&b.announcements, a, func(a *wire.Announcement) time.Time { return a.From }, endOf, b.now())
}

// RemoveAnnouncement takes one back.
func (b *Board) RemoveAnnouncement(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return remove(&b.announcements, func(a *wire.Announcement) bool { return a.ID == id })
}

// Announcements lists them all, the latest first.
func (b *Board) Announcements() []wire.Announcement {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]wire.Announcement{}, b.announcements...)
}

// Announced lists those that hold at a time.
func (b *Board) Announced(at time.Time) []wire.Announcement {
	return slices.DeleteFunc(b.Announcements(), func(a wire.Announcement) bool { return at.Before(a.From) || !at.Before(endOf(&a)) })
}
