package wire

import "time"

// Paths are execution paths.
type Paths struct {
	Paths []Path `json:"paths"`
	Total int    `json:"total"` // that match
}

// Path is an execution path. Figures are decayed: a trace of one half-life ago counts half.
type Path struct {
	Path     string    `json:"path"` // id
	Endpoint Operation `json:"endpoint"`
	Shared   bool      `json:"shared"` // by all paths of the endpoint that have no place of their own
	Traces   Number    `json:"traces"` // that the figures rest on
	Rate     Number    `json:"rate"`   // traces a second
	Errors   Number    `json:"errors"` // share
	Kept     Number    `json:"kept"`   // share
	P50      Number    `json:"p50_seconds"`
	P90      Number    `json:"p90_seconds"`
	P99      Number    `json:"p99_seconds"`
	Wait     *float64  `json:"wait_seconds"` // quiet time before a complete trace is decided
}

// Operation is what a span does.
type Operation struct {
	Service string `json:"service"`
	Name    string `json:"name"`
	Kind    string `json:"kind"` // of span
}

// PathDetail is an execution path with all that is known of it.
type PathDetail struct {
	Path
	Calls     []PathCall    `json:"calls"`
	Histogram Histogram     `json:"histogram"`
	Decisions []ReasonCount `json:"decisions"` // since the time under since
	Exemplars []Exemplar    `json:"exemplars"` // kept since then, the latest first
	Since     time.Time     `json:"since"`
}

// PathCall is a call on a path.
type PathCall struct {
	Caller *Operation `json:"caller"` // null of a root
	Callee Operation  `json:"callee"`
}

// Histogram counts durations of all traces, and of those that are kept. Buckets without any are left out.
type Histogram struct {
	Observed []Bucket `json:"observed"`
	Retained []Bucket `json:"retained"`
}

// Bucket is a part of a histogram.
type Bucket struct {
	From  float64 `json:"from_seconds"`
	To    float64 `json:"to_seconds"`
	Count Number  `json:"count"`
}

// Exemplar is a trace that was kept.
type Exemplar struct {
	TraceID     string    `json:"trace_id"`
	Decided     time.Time `json:"decided"`
	Reason      string    `json:"reason"`
	Probability Number    `json:"probability"`
	Duration    float64   `json:"duration_seconds"`
	Spans       int       `json:"spans"`
	Error       bool      `json:"error"` // of the root
}
