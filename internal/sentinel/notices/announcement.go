package notices

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Announcement is what users should know. Whatever was measured, this is what they are told.
type Announcement struct {
	ID       string     `json:"id"`
	Text     string     `json:"text"`
	Severity Severity   `json:"severity"`
	From     time.Time  `json:"from"`  // now, where none is given
	Until    *time.Time `json:"until"` // null: until further notice
}

// Severity of an announcement.
type Severity string

// The severities.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

func (a *Announcement) check() error {
	problems := []error{checkText(a.Text)}
	if !slices.Contains([]Severity{Info, Warning, Critical}, a.Severity) {
		problems = append(problems, fmt.Errorf("severity: must be info, warning or critical, got %q", a.Severity))
	}
	if a.Until != nil && !a.Until.After(a.From) {
		problems = append(problems, errors.New("until: must be later than from; leave it out for an announcement until further notice"))
	}
	return errors.Join(problems...)
}

// end is when it is over.
func (a *Announcement) end() time.Time {
	if a.Until == nil {
		return far
	}
	return *a.Until
}

// AddAnnouncement announces something.
func (b *Board) AddAnnouncement(a Announcement) (Announcement, error) {
	if a.From.IsZero() {
		a.From = b.now()
	}
	if a.Severity == "" {
		a.Severity = Info
	}
	a.From = a.From.UTC()
	if a.Until != nil {
		until := a.Until.UTC()
		a.Until = &until
	}
	if err := a.check(); err != nil {
		return a, err
	}
	a.ID = newID()
	b.mu.Lock()
	defer b.mu.Unlock()
	return a, add(&b.announcements, a, func(a *Announcement) time.Time { return a.From }, (*Announcement).end, b.now())
}

// RemoveAnnouncement takes one back.
func (b *Board) RemoveAnnouncement(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return remove(&b.announcements, func(a *Announcement) bool { return a.ID == id })
}

// Announcements lists them all, the latest first.
func (b *Board) Announcements() []Announcement {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Announcement{}, b.announcements...)
}

// Announced lists those that hold at a time.
func (b *Board) Announced(at time.Time) []Announcement {
	return slices.DeleteFunc(b.Announcements(), func(a Announcement) bool { return at.Before(a.From) || !at.Before(a.end()) })
}
