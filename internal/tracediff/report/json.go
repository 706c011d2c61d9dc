package report

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Document is a diff for a program: stable names, durations in ns, shares from 0 to 1, null for what is not known.
type Document struct {
	A          Side          `json:"a"`
	B          Side          `json:"b"`
	Thresholds Thresholds    `json:"thresholds"`
	History    int           `json:"history_pairs"`
	Tests      int           `json:"tests"`
	Unknown    int           `json:"groups_without_enough_data"`
	Groups     int           `json:"groups"`
	Flagged    int           `json:"flagged"` // changes
	Listed     int           `json:"listed"`
	Total      int           `json:"total"`
	Truncated  bool          `json:"truncated"` // there are more to list than --top
	Causes     []Explanation `json:"causes"`    // those that explain most come first
	Changes    []Change      `json:"changes"`   // those of the first cause, its main change first, then those of the second one ...
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

// Identity names what a change is about.
type Identity struct {
	Kind          snapshot.Kind `json:"kind"`
	Key           string        `json:"key,omitempty"`
	Service       string        `json:"service,omitempty"`
	Value         string        `json:"value,omitempty"`
	CallerService string        `json:"caller_service,omitempty"`
	Caller        string        `json:"caller,omitempty"`
	Path          string        `json:"path,omitempty"`
}

// Change is one verdict.
type Change struct {
	Identity
	Verdict     compare.Verdict  `json:"verdict"`
	Measure     compare.Measure  `json:"measure"`
	Flagged     bool             `json:"flagged"`
	Cause       string           `json:"cause,omitempty"` // fingerprint of the main change of its cause
	A           Absolute         `json:"a"`
	B           Absolute         `json:"b"`
	Effect      Number           `json:"effect"` // ratio B/A of latency, waiting and calls; difference B-A of shares else
	Low         Number           `json:"low"`
	High        Number           `json:"high"`
	P           Number           `json:"p"`
	Q           Number           `json:"q"`
	Impact      Number           `json:"impact"`
	Onset       *time.Time       `json:"onset"`
	Ended       *time.Time       `json:"ended"`
	Since       *time.Time       `json:"since"`
	Standing    compare.Standing `json:"standing,omitempty"`
	Reason      compare.Reason   `json:"reason,omitempty"` // of one that was cleared
	Fading      bool             `json:"fading,omitempty"` // it lasts, and B does not show it
	Exemplars   []string         `json:"exemplars,omitempty"`
	Fingerprint string           `json:"fingerprint"`
}

// Absolute is what a group was like on one side.
type Absolute struct {
	Traces     uint64 `json:"traces"`
	Spans      uint64 `json:"spans"`
	Rate       Number `json:"spans_per_second"`
	PerTrace   Number `json:"per_trace"`
	ErrorShare Number `json:"error_share"`       // of the spans
	ErrorTrace Number `json:"error_trace_share"` // of the traces with the group: what changes of errors are about
	Mean       Number `json:"mean_ns"`
	GeoMean    Number `json:"geometric_mean_ns"`
	P50        Number `json:"p50_ns"`
	P95        Number `json:"p95_ns"`
	P99        Number `json:"p99_ns"`
	Wait       Number `json:"wait_ns"` // of the callers, outside of the spans: in the network and in queues
	GeoWait    Number `json:"geometric_mean_wait_ns"`
}

// NewDocument makes the document of a diff, with the changes that the options list.
func NewDocument(d *compare.Diff, o Options) *Document {
	t, a := d.Thresholds, Arrange(d)
	doc := &Document{
		A: side(&d.A), B: side(&d.B), History: d.History, Tests: d.Tests, Flagged: Flagged(d), Total: len(d.Changes),
		Thresholds: Thresholds{t.FDR, t.MinLatencyRatio, t.MinErrorDelta, t.MinCallRatio}, Causes: Explanations(d, a), Changes: []Change{},
	}
	doc.Unknown, doc.Groups = unknownGroups(d)
	rows, _, cut := o.listed(a)
	doc.Listed, doc.Truncated = len(rows), cut
	for _, r := range rows {
		c := r.Change
		doc.Changes = append(doc.Changes, Change{
			Identity: identity(&c.Identity), Verdict: c.Verdict, Measure: c.Measure, Flagged: flagged(c), Cause: a.Cause(c),
			A: figure(&c.A), B: figure(&c.B), Effect: Number(c.Effect), Low: Number(c.Low), High: Number(c.High), P: Number(c.P), Q: Number(c.Q),
			Impact: Number(c.Impact), Onset: moment(c.Onset), Ended: moment(c.Ended), Since: moment(c.Since), Standing: c.Standing, Reason: c.Reason,
			Fading: c.Fading, Exemplars: c.Exemplars, Fingerprint: c.Fingerprint,
		})
	}
	return doc
}

func identity(id *snapshot.Identity) Identity {
	return Identity{id.Kind, id.Key, id.ServiceName(), id.Value, id.CallerService, id.Caller, id.PathID}
}

// moment is a time in JSON; null where there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func side(s *compare.Side) Side {
	c := &s.Coverage
	return Side{s.SnapshotID, s.Start.UTC(), s.End.UTC(), s.State, c.Traces, c.Spans, c.Orphans, c.Overflow, c.WithoutThreshold}
}

func figure(a *compare.Absolute) Absolute {
	k := Known(a)
	return Absolute{
		k.Traces, k.Spans, Number(k.Rate), Number(k.PerTrace), Number(k.ErrorShare), Number(k.ErrorTrace),
		Number(k.Mean), Number(k.GeoMean), Number(k.P50), Number(k.P95), Number(k.P99), Number(k.Wait), Number(k.GeoWait),
	}
}
