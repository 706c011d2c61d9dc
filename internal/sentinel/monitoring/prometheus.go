package monitoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/assayhq/assay/internal/httpquery"
	"github.com/assayhq/assay/internal/sentinel/alertcycle"
)

// Prometheus asks the HTTP API of a Prometheus server, or of what answers like one.
type Prometheus struct{ query httpquery.Query }

// NewPrometheus makes one of a base address such as http://localhost:9090.
func NewPrometheus(endpoint string, client *http.Client) (*Prometheus, error) {
	q, err := httpquery.New(endpoint, client)
	return &Prometheus{query: q}, err
}

// get reads the data of an answer into data.
func (p *Prometheus) get(ctx context.Context, path string, values url.Values, data any) error {
	body, err := p.query.Get(ctx, path, values, "application/json")
	if err != nil {
		return err
	}
	var answer struct {
		Status string          `json:"status"`
		Data   json.RawMessage `json:"data"`
		Error  string          `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("%s: not an answer of Prometheus: %w", path, err)
	}
	if answer.Status != "success" || answer.Data == nil {
		return fmt.Errorf("%s: prometheus says: %q", path, answer.Error)
	}
	if err := json.Unmarshal(answer.Data, data); err != nil {
		return fmt.Errorf("%s: not an answer of Prometheus: %w", path, err)
	}
	return nil
}

// Rule tells the state of the alerting rule of a name. Where several rules share the name, the one furthest on counts.
func (p *Prometheus) Rule(ctx context.Context, alert string) (alertcycle.Rule, error) {
	var data struct {
		Groups []struct {
			Rules []struct {
				Name   string `json:"name"`
				State  string `json:"state"`
				Health string `json:"health"`
			} `json:"rules"`
		} `json:"groups"`
	}
	if err := p.get(ctx, "api/v1/rules", url.Values{"type": {"alert"}}, &data); err != nil {
		return "", err
	}
	states := map[alertcycle.Rule]bool{}
	for _, g := range data.Groups {
		for _, r := range g.Rules {
			switch {
			case r.Name != alert:
			case r.Health == "err":
				states[alertcycle.RuleBroken] = true
			default:
				states[alertcycle.Rule(r.State)] = true
			}
		}
	}
	for _, s := range []alertcycle.Rule{
		alertcycle.RuleFiring, alertcycle.RulePending, alertcycle.RuleBroken, alertcycle.RuleInactive,
	} {
		if states[s] {
			return s, nil
		}
	}
	return alertcycle.RuleAbsent, nil
}

// Sample is one series of the result of a query.
type Sample struct {
	Labels map[string]string
	Value  float64
}

// Query evaluates an expression at a moment. Its result must be a vector.
func (p *Prometheus) Query(ctx context.Context, expression string, at time.Time) ([]Sample, error) {
	var data struct {
		Type   string `json:"resultType"`
		Result []struct {
			Metric map[string]string `json:"metric"`
			Value  [2]any            `json:"value"`
		} `json:"result"`
	}
	values := url.Values{"query": {expression}, "time": {strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)}}
	if err := p.get(ctx, "api/v1/query", values, &data); err != nil {
		return nil, err
	}
	if data.Type != "vector" {
		return nil, fmt.Errorf("query: the result must be a vector, got a %q", data.Type)
	}
	samples := make([]Sample, 0, len(data.Result))
	for _, r := range data.Result {
		s, err := sample(r.Value)
		if err != nil {
			return nil, fmt.Errorf("query: %w", err)
		}
		s.Labels = r.Metric
		samples = append(samples, s)
	}
	return samples, nil
}

// sample reads a pair of a time in seconds and a number in text.
func sample(pair [2]any) (Sample, error) {
	_, isTime := pair[0].(float64)
	text, isText := pair[1].(string)
	if !isTime || !isText {
		return Sample{}, errors.New("a value must be a time and a number in text")
	}
	v, err := strconv.ParseFloat(text, 64)
	return Sample{Value: v}, err
}
