package api

import (
	"encoding/json"
	"net/http"

	"github.com/assayhq/assay/internal/tracediff/baseline"
)

// alertBody is an alert in the outbox.
type alertBody struct {
	Target      string          `json:"target"`
	Fingerprint string          `json:"fingerprint"`
	QueryID     string          `json:"queryId"`
	Baseline    any             `json:"baseline"`
	Status      string          `json:"status"`
	Delivered   string          `json:"delivered,omitempty"` // the status that the target has confirmed
	Attempts    int             `json:"attempts"`            // in vain
	StartsAt    int64           `json:"startsAt"`
	EndsAt      int64           `json:"endsAt"`
	Content     json.RawMessage `json:"content"`
}

func (h *handlers) listAlerts(r *http.Request) (reply, error) {
	p := parametersOf(r, "query")
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	alerts, err := h.service.Alerts(r.Context(), p.Text("query"))
	if err != nil {
		return reply{}, err
	}
	list := []alertBody{}
	for i := range alerts {
		a := &alerts[i]
		list = append(list, alertBody{
			a.Target, a.Fingerprint, a.QueryID, baseline.Parse(a.Baseline).Value(), string(a.Status), string(a.Delivered), a.Attempts,
			seconds(a.StartsAt), seconds(a.EndsAt), a.Content,
		})
	}
	return reply{body: list}, nil
}
