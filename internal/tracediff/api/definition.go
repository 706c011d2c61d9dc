package api

import (
	"fmt"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// definition is a query in JSON, on the way in and out. The first four fields are the tutorial's.
type definition struct {
	Query       string   `json:"query"`
	Name        string   `json:"name"`
	CreatedAt   int64    `json:"createdAt"` // s since 1970
	ChangedAt   int64    `json:"changedAt"` // when it began to select other traces; 0: never. Only on the way out
	GroupByKeys []string `json:"groupByKeys"`

	ID         string      `json:"id"`
	Source     string      `json:"source"`
	Scope      string      `json:"scope"`
	Window     string      `json:"window"` // "10m0s"
	Lateness   string      `json:"lateness"`
	Baselines  []any       `json:"baselines"` // as baseline.From reads them
	Thresholds *thresholds `json:"thresholds"`
	Promise    *promise    `json:"promise"` // only on the way out
	Alerts     []string    `json:"alerts"`
}

// query turns a definition into a query. What it says nothing about is left to the defaults.
func (d *definition) query(standard compare.Thresholds) (store.Query, error) {
	var wrong []string
	duration := func(name, text string) time.Duration {
		if text == "" {
			return 0
		}
		v, err := time.ParseDuration(text)
		if err != nil || v <= 0 {
			wrong = append(wrong, fmt.Sprintf("%s: must be a duration such as 10m, got %q", name, text))
		}
		return v
	}
	q := store.Query{
		Text: d.Query, Name: d.Name, GroupBy: d.GroupByKeys, Scope: d.Scope,
		Window: duration("window", d.Window), Lateness: duration("lateness", d.Lateness), Alerts: d.Alerts, Thresholds: standard,
	}
	if d.CreatedAt < 0 || d.CreatedAt > latest {
		wrong = append(wrong, fmt.Sprintf("createdAt: must be a time in seconds since 1970, got %d", d.CreatedAt))
	} else if d.CreatedAt > 0 {
		q.CreatedAt = time.Unix(d.CreatedAt, 0).UTC()
	}
	for _, b := range d.Baselines {
		q.Baselines = append(q.Baselines, baseline.From(b))
	}
	if d.Thresholds != nil {
		wrong = append(wrong, d.Thresholds.apply(&q.Thresholds)...)
	}
	if len(wrong) > 0 {
		return q, console.Bad(strings.Join(wrong, "; "))
	}
	return q, nil
}

// definitionOf is a query as it is answered.
func definitionOf(q *store.Query) *definition {
	d := &definition{
		Query: q.Text, Name: q.Name, CreatedAt: seconds(q.CreatedAt), ChangedAt: seconds(q.ChangedAt), GroupByKeys: append([]string{}, q.GroupBy...), ID: q.ID,
		Source: string(q.Source), Scope: q.Scope, Window: q.Window.String(), Lateness: q.Lateness.String(),
		Baselines: []any{}, Alerts: append([]string{}, q.Alerts...),
		Thresholds: thresholdsOf(&q.Thresholds), Promise: promiseOf(q),
	}
	for _, b := range q.Baselines {
		d.Baselines = append(d.Baselines, b.Value())
	}
	return d
}

// jsonNames are the names in JSON of keys of the configuration, where they differ.
var jsonNames = strings.NewReplacer(
	"group_by", "groupByKeys", "min_latency_ratio", "minLatencyRatio", "min_error_delta", "minErrorDelta", "min_call_ratio", "minCallRatio",
	"false_alerts_per_week", "falseAlertsPerWeek", "new_normal_after", "newNormalAfter",
)

// describe says what is wrong with a definition in the words of the API.
func describe(wrong tracediff.InvalidError) string {
	lines := make([]string, len(wrong))
	for i, p := range wrong {
		lines[i] = jsonNames.Replace(p.Key) + ": " + p.Message
	}
	return strings.Join(lines, "; ")
}
