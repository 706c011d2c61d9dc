package wire

import "time"

// PublicPage is what a public status page is about.
type PublicPage struct {
	Title string `json:"title"`
}

// PublicStatus is what everybody may know of the sentinel's verdict. It names no host, service, component or error.
type PublicStatus struct {
	State         PublicState       `json:"state"`
	Text          string            `json:"text"`  // the same in words
	Since         time.Time         `json:"since"` // of the verdict
	At            time.Time         `json:"at"`
	Announcements []Announcement    `json:"announcements"` // that hold now, the latest first
	Maintenance   []Maintenance     `json:"maintenance"`   // under way, or within two weeks; the latest first
	Uptime        map[string]Uptime `json:"uptime"`        // of the last 24h, 7d, 30d and 90d
}

// PublicState is how things stand. Maintenance: work is planned now, whatever is measured. Unknown: it cannot be said.
type PublicState string

// The states.
const (
	PublicOperational PublicState = "operational"
	PublicDegraded    PublicState = "degraded"
	PublicMaintenance PublicState = "maintenance"
	PublicUnknown     PublicState = "unknown"
)

// Enum implements Enumerated.
func (PublicState) Enum() []string {
	return []string{string(PublicOperational), string(PublicDegraded), string(PublicMaintenance), string(PublicUnknown)}
}
