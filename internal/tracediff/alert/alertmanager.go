package alert

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// Alertmanager speaks its API v2. An alert's labels are its identity there, so they hold nothing that changes while it
// fires. A firing alert is repeated, each time with an end that lies ahead, so that it does not stay when nobody is left
// to resolve it; a resolved one is sent with the end in the past.
type Alertmanager struct {
	client   *http.Client
	endpoint string
	links    Links
}

var _ Target = (*Alertmanager)(nil)

// NewAlertmanager sends to the server at endpoint, the address without the path of the API.
func NewAlertmanager(client *http.Client, endpoint string, links Links) *Alertmanager {
	return &Alertmanager{client, strings.TrimRight(endpoint, "/") + "/api/v2/alerts", links}
}

// postableAlert is an alert of Alertmanager's API v2.
type postableAlert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// Send implements Target.
func (m *Alertmanager) Send(ctx context.Context, alerts []store.Alert, now time.Time) error {
	batch := make([]postableAlert, 0, len(alerts))
	for i := range alerts {
		c, err := Unpack(&alerts[i])
		if err != nil {
			return err
		}
		p := postableAlert{Labels: labels(&alerts[i], &c), StartsAt: alerts[i].StartsAt, EndsAt: alerts[i].EndsAt}
		if alerts[i].Status == store.Firing {
			p.EndsAt = horizon(now)
		}
		p.Annotations = map[string]string{
			"summary": c.Summary, "description": details(&c), "exemplars": strings.Join(c.Exemplars, " "), "diff": c.DiffID,
		}
		if c.Reason != "" {
			p.Annotations["reason"] = string(c.Reason)
		}
		p.GeneratorURL = m.links.diff(c.DiffID)
		batch = append(batch, p)
	}
	body, err := json.Marshal(batch)
	if err != nil {
		return err
	}
	return post(ctx, m.client, m.endpoint, body, nil)
}

func labels(a *store.Alert, c *wire.AlertContent) map[string]string {
	site := &c.Cause.Site
	all := map[string]string{
		"alertname": "TraceDiff", "severity": "warning", "query": c.Query, "baseline": c.Baseline,
		"kind": string(site.Kind), "key": site.Key, "service": c.Cause.Service, "value": site.Value, "caller": strings.TrimSpace(site.CallerService + " " + site.Caller),
		"measure": string(c.Cause.Measure), "verdict": string(c.Cause.Verdict), "fingerprint": a.Fingerprint,
	}
	for name, value := range all {
		if value == "" { // Alertmanager takes an empty label for none, and refuses nothing but that
			delete(all, name)
		}
	}
	return all
}

// Repeat implements Target.
func (*Alertmanager) Repeat() time.Duration { return believed / 5 }

// Batch implements Target.
func (*Alertmanager) Batch() int { return 100 }
