package wire

import "time"

// Alert is an alert in the outbox: it fires, or waits for delivery.
type Alert struct {
	Target      string       `json:"target"`
	Fingerprint string       `json:"fingerprint"` // of the incident
	QueryID     string       `json:"query_id"`
	Baseline    Baseline     `json:"baseline"`
	Status      AlertStatus  `json:"status"`
	Delivered   AlertStatus  `json:"delivered,omitempty"` // the status that the target has confirmed
	Attempts    int          `json:"attempts"`            // in vain
	StartsAt    time.Time    `json:"starts_at"`
	EndsAt      *time.Time   `json:"ends_at"` // null while it fires
	Content     AlertContent `json:"content"`
}

// AlertStatus is whether an alert is about something that is there.
type AlertStatus string

// Enum implements Enumerated.
func (AlertStatus) Enum() []string { return []string{"firing", "resolved"} }

// AlertContent is what there is to say of an incident. Its texts are printable, on one line and bounded: they come from spans.
type AlertContent struct {
	Query       string      `json:"query"` // name
	QueryID     string      `json:"query_id"`
	Text        string      `json:"text"` // of the query
	Baseline    string      `json:"baseline"`
	DiffID      string      `json:"diff_id"`
	Summary     string      `json:"summary"`     // the query, where it happened, what, and since when, in one line
	Description string      `json:"description"` // since when, what follows from it, and a trace to look at
	Cause       Cause       `json:"cause"`
	Effect      Number      `json:"effect"` // latency, waiting and calls: after/before; errors and presence: after - before
	Low         Number      `json:"low"`    // of the 95 % confidence interval of the effect
	High        Number      `json:"high"`
	Q           Number      `json:"q"`
	Windows     int         `json:"windows"`
	Changes     int         `json:"changes"`          // that the cause explains, itself among them
	Reason      ClearReason `json:"reason,omitempty"` // of one that is over
	Exemplars   []string    `json:"exemplars"`        // trace ids
	Fingerprint string      `json:"fingerprint"`      // of the incident
}

// Notification is what a webhook is sent when an alert begins and when it ends.
type Notification struct {
	Version  int          `json:"version"`  // of this form: 2
	Delivery string       `json:"delivery"` // the same when the same news is sent again
	Status   AlertStatus  `json:"status"`
	StartsAt time.Time    `json:"starts_at"`
	EndsAt   *time.Time   `json:"ends_at"` // null while it fires
	Summary  string       `json:"summary"`
	Link     string       `json:"link,omitempty"` // to the diff
	Alert    AlertContent `json:"alert"`
}
