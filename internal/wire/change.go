package wire

import "time"

// Change is one verdict on one group. A group has one for each measure that was tested.
type Change struct {
	Identity
	Measure     Measure        `json:"measure"`
	Verdict     Verdict        `json:"verdict"`
	Flagged     bool           `json:"flagged"`            // significant, and larger than the thresholds
	Cause       string         `json:"cause,omitempty"`    // fingerprint of the main change of its cause
	Culprit     string         `json:"culprit,omitempty"`  // the service at fault, as its cause says
	Standing    ChangeStanding `json:"standing,omitempty"` // how long it has been seen
	Reason      ClearReason    `json:"reason,omitempty"`   // of one that was cleared
	Fading      bool           `json:"fading,omitempty"`   // it lasts, and B does not show it
	Windows     int            `json:"windows"`            // in which it was flagged, in a row or since it was confirmed
	Since       *time.Time     `json:"since"`              // when it began, as far as windows show it
	Onset       *time.Time     `json:"onset"`              // when it began, where that was inside of a window
	Ended       *time.Time     `json:"ended"`              // when it was over, where that was inside of B, or of one that is gone
	Effect      Number         `json:"effect"`             // latency, waiting and calls: B/A; errors and presence: B - A, of shares
	Low         Number         `json:"low"`                // of the 95 % confidence interval of the effect
	High        Number         `json:"high"`
	P           Number         `json:"p"`
	Q           Number         `json:"q"`      // false discovery rate at which it would be flagged
	Impact      Number         `json:"impact"` // seconds a second of traffic, or errors a second
	A           Absolute       `json:"a"`
	B           Absolute       `json:"b"`
	Exemplars   []string       `json:"exemplars"`   // ids of traces that show it, of B unless it is missing there
	Fingerprint string         `json:"fingerprint"` // the same in all windows: of query, baseline, group and measure
}

// Absolute is what a group was like on one side; null where there was nothing to measure.
type Absolute struct {
	Spans                    uint64 `json:"spans"`
	Traces                   uint64 `json:"traces"`
	Weight                   Number `json:"weight"`           // adjusted count of spans
	SpansPerSecond           Number `json:"spans_per_second"` // adjusted
	PerTrace                 Number `json:"per_trace"`
	ErrorShare               Number `json:"error_share"`       // of the spans
	ErrorTraceShare          Number `json:"error_trace_share"` // of the traces with the group: what changes of errors are about
	MeanSeconds              Number `json:"mean_seconds"`
	GeometricMeanSeconds     Number `json:"geometric_mean_seconds"` // what changes of latency are about
	P50Seconds               Number `json:"p50_seconds"`
	P95Seconds               Number `json:"p95_seconds"`
	P99Seconds               Number `json:"p99_seconds"`
	SelfGeometricMeanSeconds Number `json:"self_geometric_mean_seconds"` // without that of the spans below
	WaitMeanSeconds          Number `json:"wait_mean_seconds"`           // of the callers of an edge, outside of the callee's spans: in the network and in queues
	WaitGeometricMeanSeconds Number `json:"wait_geometric_mean_seconds"` // what changes of waiting are about
}

// Measure is what a verdict is about.
type Measure string

// Enum implements Enumerated.
func (Measure) Enum() []string {
	return []string{"presence", "latency", "waiting", "slowest", "errors", "calls"}
}

// Verdict is what can be said of a group.
type Verdict string

// Enum implements Enumerated.
func (Verdict) Enum() []string {
	return []string{
		"new", "missing", "slower", "faster", "more_errors", "fewer_errors", "more_calls", "fewer_calls", "same", "not_enough_data",
	}
}

// ChangeStanding is how long a change has been seen.
type ChangeStanding string

// Enum implements Enumerated.
func (ChangeStanding) Enum() []string {
	return []string{"suspected", "confirmed", "lasting", "cleared"}
}

// ClearReason is why a change is over: it was measured to be gone, or its baseline was replaced and it may still be there.
type ClearReason string

// Enum implements Enumerated.
func (ClearReason) Enum() []string { return []string{"gone", "baseline_replaced"} }
