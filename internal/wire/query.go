package wire

import "time"

// Query says which traces are compared, by what, and with which windows before.
type Query struct {
	ID              string      `json:"id"`
	Query           string      `json:"query"` // which traces it selects, such as service IN ("checkout")
	Name            string      `json:"name"`
	Source          QuerySource `json:"source"`
	Scope           Scope       `json:"scope"`
	CreatedAt       time.Time   `json:"created_at"`
	ChangedAt       *time.Time  `json:"changed_at"` // when it began to select other traces; null: never. Windows of before are not compared with those since then
	GroupByKeys     []string    `json:"group_by_keys"`
	WindowSeconds   float64     `json:"window_seconds"`
	LatenessSeconds float64     `json:"lateness_seconds"` // for how long a window waits for late spans
	Baselines       []Baseline  `json:"baselines"`
	Thresholds      Thresholds  `json:"thresholds"`
	Promise         Promise     `json:"promise"`
	Alerts          []string    `json:"alerts"` // names of targets
}

// NewQuery is a query that is to be added. What it leaves out is left to the defaults.
type NewQuery struct {
	Query           string         `json:"query"` // which traces it selects, such as service IN ("checkout")
	Name            string         `json:"name,omitempty"`
	Scope           Scope          `json:"scope,omitempty"`
	CreatedAt       *time.Time     `json:"created_at,omitempty"`
	GroupByKeys     []string       `json:"group_by_keys,omitempty"`
	WindowSeconds   *float64       `json:"window_seconds,omitempty"`
	LatenessSeconds *float64       `json:"lateness_seconds,omitempty"`
	Baselines       []Baseline     `json:"baselines,omitempty"`
	Thresholds      *NewThresholds `json:"thresholds,omitempty"`
	Alerts          []string       `json:"alerts,omitempty"`
}

// ChangedQuery replaces a query. A Query that was read can be written back: what the server gives is ignored, if it is what it was.
type ChangedQuery struct {
	NewQuery
	ID        string      `json:"id,omitempty"`
	Source    QuerySource `json:"source,omitempty"`
	ChangedAt *time.Time  `json:"changed_at,omitempty" jsonschema:"nullable"` // ignored
	Promise   *Promise    `json:"promise,omitempty"`                          // ignored
}

// QuerySource is where a query comes from: those of the configuration cannot be changed over the API.
type QuerySource string

// Enum implements Enumerated.
func (QuerySource) Enum() []string { return []string{"config", "api"} }

// Scope is what of a matching trace counts: all of its spans, or those that match.
type Scope string

// Enum implements Enumerated.
func (Scope) Enum() []string { return []string{"trace", "span"} }

// Baseline is what windows are compared with: "previous", a distance such as "24h", {"version": "previous"}, or {"pin": ID} of a snapshot;
// empty of a comparison on demand.
type Baseline any

// Thresholds say what a change is.
type Thresholds struct {
	FDR                   float64 `json:"fdr"`               // false discovery rate of a diff
	MinLatencyRatio       float64 `json:"min_latency_ratio"` // B/A or A/B
	MinErrorDelta         float64 `json:"min_error_delta"`   // of shares
	MinCallRatio          float64 `json:"min_call_ratio"`    // B/A or A/B, of calls a trace
	Persist               int     `json:"persist"`           // windows in a row before a change is confirmed
	FalseAlertsPerWeek    float64 `json:"false_alerts_per_week"`
	NewNormalAfterSeconds float64 `json:"new_normal_after_seconds"` // for how long a confirmed change is compared with what was before it
}

// NewThresholds are thresholds of which some are left to the defaults.
type NewThresholds struct {
	FDR                   *float64 `json:"fdr,omitempty"`
	MinLatencyRatio       *float64 `json:"min_latency_ratio,omitempty"`
	MinErrorDelta         *float64 `json:"min_error_delta,omitempty"`
	MinCallRatio          *float64 `json:"min_call_ratio,omitempty"`
	Persist               *int     `json:"persist,omitempty"`
	FalseAlertsPerWeek    *float64 `json:"false_alerts_per_week,omitempty"`
	NewNormalAfterSeconds *float64 `json:"new_normal_after_seconds,omitempty"`
}

// Promise is what may be expected of the alerts of a query.
type Promise struct {
	FalseAlertsPerWeek float64 `json:"false_alerts_per_week"` // at most, in the mean over weeks in which nothing changes
	Level              float64 `json:"level"`                 // p up to which a window confirms a change under one baseline, so that this holds
	Text               string  `json:"text"`
}
