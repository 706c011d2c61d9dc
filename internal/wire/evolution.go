package wire

import "time"

// Evolution is how a system has changed over windows.
type Evolution struct {
	QueryID     string       `json:"query_id"`
	Windows     []Window     `json:"windows"` // oldest first
	Parts       []Part       `json:"parts"`   // in the order of kind, service, operation and caller
	Deployments []Deployment `json:"deployments"`
	Truncated   bool         `json:"truncated"` // there are more than the answer had room for: parts that were there all the time, with less traffic; deployments before
}

// Window is one of the snapshots that an Evolution was made of.
type Window struct {
	SnapshotID string        `json:"snapshot_id"`
	Start      time.Time     `json:"start"`
	End        time.Time     `json:"end"` // exclusive
	State      SnapshotState `json:"state"`
	Traces     uint64        `json:"traces"`
}

// Part is a service, operation or edge over time.
type Part struct {
	Kind           GroupKind `json:"kind"` // service, operation or edge
	Service        string    `json:"service"`
	Operation      string    `json:"operation,omitempty"` // of an operation or edge
	FromService    string    `json:"from_service,omitempty"`
	FromOperation  string    `json:"from_operation,omitempty"`
	First          time.Time `json:"first"`            // start of the first window in which it was seen
	Last           time.Time `json:"last"`             // end of the last one
	Windows        int       `json:"windows"`          // in which it was seen
	Appeared       bool      `json:"appeared"`         // windows before were watched and did not have it
	Disappeared    bool      `json:"disappeared"`      // windows after were watched and did not have it
	Before         Measures  `json:"before"`           // in the first window
	After          Measures  `json:"after"`            // in the last one
	SpansPerSecond []float64 `json:"spans_per_second"` // in each window, to four digits; 0 where it was not seen
}

// Deployment is a version of a service that took up traffic. A version that comes back after it was gone is one more.
type Deployment struct {
	Service  string    `json:"service"`
	Version  string    `json:"version"`
	Previous string    `json:"previous,omitempty"` // version with the most traffic in the window before; none of a new service
	First    time.Time `json:"first"`              // start of its first span
	Last     time.Time `json:"last"`               // start of its last span
	Initial  bool      `json:"initial"`            // it was there already in the first window that had traces
	Weight   Number    `json:"weight"`             // adjusted count of its spans
}
