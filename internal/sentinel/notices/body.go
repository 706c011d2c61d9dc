package notices

import "time"

// maintenanceBody is what a request plans.
type maintenanceBody struct {
	Text string    `json:"text"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// announcementBody is what a request announces.
type announcementBody struct {
	Text     string     `json:"text"`
	Severity Severity   `json:"severity"`
	From     time.Time  `json:"from"`
	Until    *time.Time `json:"until"`
}
