package report

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Document is a diff for a program: stable names, durations in ns, shares from 0 to 1.
type Document struct {
	A          Side       `json:"a"`
	B          Side       `json:"b"`
	Thresholds Thresholds `json:"thresholds"`
	History    int        `json:"history_pairs"`
	Tests      int        `json:"tests"`
	Flagged    int        `json:"flagged"`
	Unknown    int        `json:"groups_without_enough_data"`
	Groups     int        `json:"groups"`
	Changes    []Change   `json:"changes"` // by impact, largest first
}

// Side is one of the two snapshots.
type Side struct {
	SnapshotID string         `json:"snapshot_id"`
	Start      time.Time      `json:"start"`
	End        time.Time      `json:"end"`
	State      snapshot.State `json:"state"`
	Traces     uint64         `json:"traces"`
	Spans      uint64         `json:"spans"`
	Orphans    uint64         `json:"orphans"`
	Overflow   uint64         `json:"overflow"`
	NoWeight   uint64         `json:"spans_without_threshold"`
}

// Thresholds are those of the diff.
type Thresholds struct {
	FDR             float64 `json:"fdr"`
	MinLatencyRatio float64 `json:"min_latency_ratio"`
	MinErrorDelta   float64 `json:"min_error_delta"`
	MinCallRatio    float64 `json:"min_call_ratio"`
}

// Change is one verdict.
type Change struct {
	Verdict       compare.Verdict  `json:"verdict"`
	Measure       compare.Measure  `json:"measure"`
	Flagged       bool             `json:"flagged"`
	Kind          snapshot.Kind    `json:"kind"`
	Key           string           `json:"key,omitempty"`
	Service       string           `json:"service,omitempty"`
	Value         string           `json:"value,omitempty"`
	CallerService string           `json:"caller_service,omitempty"`
	Caller        string           `json:"caller,omitempty"`
	Path          string           `json:"path,omitempty"`
	A             Absolute         `json:"a"`
	B             Absolute         `json:"b"`
	Effect        float64          `json:"effect"` // ratio B/A of latency and calls; difference B-A of shares else
	Low           float64          `json:"low"`
	High          float64          `json:"high"`
	P             float64          `json:"p"`
	Q             float64          `json:"q"`
	Impact        float64          `json:"impact"`
	Standing      compare.Standing `json:"standing,omitempty"`
	Exemplars     []string         `json:"exemplars,omitempty"`
}

// Absolute is what a group was like on one side.
type Absolute struct {
	Traces     uint64  `json:"traces"`
	Spans      uint64  `json:"spans"`
	Rate       float64 `json:"spans_per_second"`
	PerTrace   float64 `json:"per_trace"`
	ErrorShare float64 `json:"error_share"`
	Mean       float64 `json:"mean_ns"`
	GeoMean    float64 `json:"geometric_mean_ns"`
	P50        float64 `json:"p50_ns"`
	P95        float64 `json:"p95_ns"`
	P99        float64 `json:"p99_ns"`
}

// NewDocument makes the document of a diff, with the changes that the options list.
func NewDocument(d *compare.Diff, o Options) *Document {
	t := d.Thresholds
	doc := &Document{
		A: side(&d.A), B: side(&d.B), History: d.History, Tests: d.Tests, Flagged: Flagged(d), Changes: []Change{},
		Thresholds: Thresholds{t.FDR, t.MinLatencyRatio, t.MinErrorDelta, t.MinCallRatio},
	}
	doc.Unknown, doc.Groups = unsure(d)
	list, _ := o.listed(d)
	for _, c := range list {
		doc.Changes = append(doc.Changes, Change{
			Verdict: c.Verdict, Measure: c.Measure, Flagged: c.Flagged, Kind: c.Kind, Key: c.Key, Service: c.ServiceName(), Value: c.Value,
			CallerService: c.CallerService, Caller: c.Caller, Path: c.PathID, A: figure(&c.A), B: figure(&c.B),
			Effect: c.Effect, Low: c.Low, High: c.High, P: c.P, Q: c.Q, Impact: c.Impact, Standing: c.Standing, Exemplars: c.Exemplars,
		})
	}
	return doc
}

func side(s *compare.Side) Side {
	c := &s.Coverage
	return Side{s.SnapshotID, s.Start.UTC(), s.End.UTC(), s.State, c.Traces, c.Spans, c.Orphans, c.Overflow, c.WithoutThreshold}
}

func figure(a *compare.Absolute) Absolute {
	return Absolute{a.Traces, a.Spans, a.Rate, a.PerTrace, a.ErrorShare, a.Mean, a.GeoMean, a.P50, a.P95, a.P99}
}
