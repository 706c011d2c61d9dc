package wire

import "time"

// Snapshot is what the traces of a query looked like in one window.
type Snapshot struct {
	ID          string        `json:"id"`
	QueryID     string        `json:"query_id"`
	Query       string        `json:"query"` // its text
	Name        string        `json:"name"`  // of the query
	State       SnapshotState `json:"state"`
	OnDemand    bool          `json:"on_demand"`
	CreatedAt   time.Time     `json:"created_at"`
	CompleteAt  *time.Time    `json:"complete_at"` // of an open one: when it will be; null where nobody knows
	Start       time.Time     `json:"start"`
	End         time.Time     `json:"end"` // exclusive
	Link        string        `json:"link"`
	GroupByKeys []string      `json:"group_by_keys"`
	Coverage    Coverage      `json:"coverage"`
	Versions    []Version     `json:"versions"`
	Truncated   bool          `json:"truncated"`              // there are more versions than the answer had room for
	Groups      []Group       `json:"groups,omitempty"`       // the busiest ones, where one snapshot was asked for
	GroupsTotal *int          `json:"groups_total,omitempty"` // how many there are
}

// NewSnapshot asks for a snapshot of what the present window of a query holds.
type NewSnapshot struct {
	QueryID string `json:"query_id"`
}

// SnapshotState says how far a snapshot has come. In a partial one no collector was there for a part of the window, or spans may have been lost.
type SnapshotState string

// Enum implements Enumerated.
func (SnapshotState) Enum() []string { return []string{"open", "complete", "partial"} }

// Coverage says what a snapshot rests on, in raw counts.
type Coverage struct {
	Traces           uint64 `json:"traces"`
	Spans            uint64 `json:"spans"`
	Orphans          uint64 `json:"orphans"`           // spans whose parent was missing
	Duplicates       uint64 `json:"duplicates"`        // spans that came twice; counted once
	WithoutThreshold uint64 `json:"without_threshold"` // spans without ot=th: their weight is taken to be 1
	Late             uint64 `json:"late"`              // spans that came too late; left out
	Future           uint64 `json:"future"`            // spans that start ahead of the clock; left out
	Overflow         uint64 `json:"overflow"`          // contributions of spans that were folded, because a limit was reached
	Dropped          uint64 `json:"dropped"`           // spans that memory had no room for; left out
	Invalid          uint64 `json:"invalid"`           // spans without ids; left out
	Untimed          uint64 `json:"untimed"`           // spans without a start; left out
	WithoutEnd       uint64 `json:"without_end"`       // spans without an end, or with one before their start; counted, with a duration of 0
}

// Version is a service.version of a service, seen in a window.
type Version struct {
	Service string     `json:"service"`
	Version string     `json:"version"`
	Weight  Number     `json:"weight"` // adjusted count of spans
	First   *time.Time `json:"first"`
	Last    *time.Time `json:"last"`
}

// Identity names a group.
type Identity struct {
	Kind          GroupKind `json:"kind"`
	Key           string    `json:"key,omitempty"`     // of an attribute
	Service       string    `json:"service,omitempty"` // also of a group that is a service: there it is the value too
	Value         string    `json:"value"`
	CallerService string    `json:"caller_service,omitempty"` // of an edge
	Caller        string    `json:"caller,omitempty"`         // operation
	PathID        string    `json:"path_id,omitempty"`
}

// GroupKind is what a group is.
type GroupKind string

// Enum implements Enumerated.
func (GroupKind) Enum() []string {
	return []string{"total", "service", "operation", "edge", "path", "attribute"}
}

// Group is a service, operation, call, path or value of an attribute, in one window.
type Group struct {
	Identity
	Spans       uint32   `json:"spans"`
	Traces      uint32   `json:"traces"`
	Weight      Number   `json:"weight"` // adjusted count of spans
	ErrorShare  Number   `json:"error_share"`
	MeanSeconds Number   `json:"mean_seconds"`
	P50Seconds  Number   `json:"p50_seconds"`
	P95Seconds  Number   `json:"p95_seconds"`
	P99Seconds  Number   `json:"p99_seconds"`
	Slow        []string `json:"slow"` // trace ids
	Error       []string `json:"error"`
	Random      []string `json:"random"`
}
