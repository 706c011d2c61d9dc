package wire

import "time"

// Topology is a snapshot as a system diagram, on two levels of detail.
type Topology struct {
	SnapshotID string    `json:"snapshot_id"`
	QueryID    string    `json:"query_id"`
	Start      time.Time `json:"start"`
	End        time.Time `json:"end"` // exclusive
	Services   []Node    `json:"services"`
	Calls      []Edge    `json:"calls"` // between different services
	Operations []Node    `json:"operations"`
	Edges      []Edge    `json:"edges"`     // between operations, also of one service
	Truncated  bool      `json:"truncated"` // there is more, with less traffic, than the answer had room for
}

// Node is a service, or an operation of one.
type Node struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation,omitempty"` // none of a service
	Versions  []string `json:"versions,omitempty"`  // service.version, of a service
	Entry     bool     `json:"entry,omitempty"`     // some of its spans have no caller
	Measures
}

// Edge is a call. Between services, both operations are left out; its measures are those of the called spans.
type Edge struct {
	FromService   string `json:"from_service"`
	FromOperation string `json:"from_operation,omitempty"`
	ToService     string `json:"to_service"`
	ToOperation   string `json:"to_operation,omitempty"`
	Measures
}

// Measures are rate, errors and latency, estimated for all traffic.
type Measures struct {
	SpansPerSecond float64 `json:"spans_per_second"`
	ErrorShare     Number  `json:"error_share"`
	MeanSeconds    Number  `json:"mean_seconds"`
	P50Seconds     Number  `json:"p50_seconds"`
	P95Seconds     Number  `json:"p95_seconds"`
	P99Seconds     Number  `json:"p99_seconds"`
}
