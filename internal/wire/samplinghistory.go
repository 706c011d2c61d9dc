package wire

import "time"

// SamplingHistory is what was decided in equal parts of time. Its lists have a number for each part.
type SamplingHistory struct {
	From        time.Time       `json:"from"` // beginning of the first part
	StepSeconds float64         `json:"step_seconds"`
	Traces      []uint64        `json:"traces"` // decided
	Spans       []uint64        `json:"spans"`
	Kept        []ReasonHistory `json:"kept"`
}

// ReasonHistory is what was kept for a reason.
type ReasonHistory struct {
	Reason string   `json:"reason"`
	Traces []uint64 `json:"traces"`
	Spans  []uint64 `json:"spans"`
}
