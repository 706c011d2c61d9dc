package monitoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/assayhq/assay/internal/httpquery"
	"github.com/assayhq/assay/internal/sentinel/alertcycle"
)

// Alertmanager asks Alertmanager's API v2.
type Alertmanager struct{ query httpquery.Query }

// NewAlertmanager makes one of a base address such as http://localhost:9093.
func NewAlertmanager(endpoint string, client *http.Client) (*Alertmanager, error) {
	q, err := httpquery.New(endpoint, client)
	return &Alertmanager{query: q}, err
}

// Held tells what it has of the alert of a name. An alert counts as suppressed only while all instances of it are.
func (a *Alertmanager) Held(ctx context.Context, alert string) (alertcycle.Held, error) {
	values := url.Values{
		"filter": {"alertname=" + strconv.Quote(alert)},
		"active": {"true"}, "silenced": {"true"}, "inhibited": {"true"}, "unprocessed": {"true"},
	}
	body, err := a.query.Get(ctx, "api/v2/alerts", values, "application/json")
	if err != nil {
		return alertcycle.Held{}, err
	}
	var alerts []struct {
		Labels    map[string]string `json:"labels"`
		Receivers []struct {
			Name string `json:"name"`
		} `json:"receivers"`
		Status struct {
			InhibitedBy []string `json:"inhibitedBy"`
			SilencedBy  []string `json:"silencedBy"`
		} `json:"status"`
	}
	if err := json.Unmarshal(body, &alerts); err != nil {
		return alertcycle.Held{}, fmt.Errorf("not an answer of Alertmanager: %w", err)
	}
	if alerts == nil {
		return alertcycle.Held{}, errors.New("not an answer of Alertmanager: no list")
	}
	held := alertcycle.Held{Inhibited: true, Silenced: true}
	for _, one := range alerts {
		if one.Labels["alertname"] != alert { // a server that ignores filters
			continue
		}
		held.Present = true
		held.Inhibited = held.Inhibited && len(one.Status.InhibitedBy) > 0
		held.Silenced = held.Silenced && len(one.Status.SilencedBy) > 0
		for _, r := range one.Receivers {
			held.Receivers = append(held.Receivers, r.Name)
		}
	}
	if !held.Present {
		return alertcycle.Held{}, nil
	}
	return held, nil
}
