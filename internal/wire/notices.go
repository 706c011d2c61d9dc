package wire

import "time"

// MaintenanceList lists maintenance windows, the latest first.
type MaintenanceList struct {
	Maintenance []Maintenance `json:"maintenance"`
}

// Maintenance is planned work, which the adjusted uptime leaves out.
type Maintenance struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // exclusive
}

// NewMaintenance plans work.
type NewMaintenance struct {
	Text string    `json:"text"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// AnnouncementList lists announcements, the latest first.
type AnnouncementList struct {
	Announcements []Announcement `json:"announcements"`
}

// Announcement is what users should know. Whatever was measured, this is what they are told.
type Announcement struct {
	ID       string     `json:"id"`
	Text     string     `json:"text"`
	Severity Severity   `json:"severity"`
	From     time.Time  `json:"from"`
	Until    *time.Time `json:"until"` // null: until further notice
}

// NewAnnouncement announces something.
type NewAnnouncement struct {
	Text     string     `json:"text"`
	Severity Severity   `json:"severity,omitempty"` // info where none is given
	From     *time.Time `json:"from,omitempty"`     // now where none is given
	Until    *time.Time `json:"until,omitempty" jsonschema:"nullable"`
}

// Severity of an announcement.
type Severity string

// The severities.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// Enum implements Enumerated.
func (Severity) Enum() []string { return []string{string(Info), string(Warning), string(Critical)} }

// Removed is the answer to the removal of something.
type Removed struct {
	ID string `json:"id"` // of what was removed
}
