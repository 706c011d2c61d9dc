package compare

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Verdict is what can be said of a group.
type Verdict string

// Verdicts.
const (
	New           Verdict = "new"
	Missing       Verdict = "missing"
	Slower        Verdict = "slower"
	Faster        Verdict = "faster"
	MoreErrors    Verdict = "more_errors"
	FewerErrors   Verdict = "fewer_errors"
	MoreCalls     Verdict = "more_calls" // calls per trace of the query, not traffic
	FewerCalls    Verdict = "fewer_calls"
	Same          Verdict = "same"
	NotEnoughData Verdict = "not_enough_data"
)

// Standing is how long a change has been seen.
type Standing string

// Standings of a change.
const (
	Suspected Standing = "suspected" // flagged, but in fewer windows than persist asks for; its baseline is frozen
	Confirmed Standing = "confirmed" // flagged in persist windows in a row: alerts fire
	Lasting   Standing = "lasting"   // was confirmed, and is not measured to be gone
	Cleared   Standing = "cleared"   // was confirmed, and is over: see Reason
)

// Reason says why a change was cleared.
type Reason string

// Reasons.
const (
	IsGone           Reason = "gone"              // it was measured to be gone
	BaselineReplaced Reason = "baseline_replaced" // what it was compared with is no baseline any more; it may still be there
)

// Diff compares B, the newer snapshot, with A. Differences are B - A.
type Diff struct {
	ID           string
	QueryID      string
	Baseline     string // the configured baseline: "previous", "24h", "version:previous", "pin:ID"; "" on demand
	A, B         Side
	CalculatedAt time.Time
	Thresholds   Thresholds
	History      int      // windows that the variance between windows was learned from; 0: the stated prior
	Tests        int      // hypotheses tested, over all groups and kinds of change
	Changes      []Change // flagged ones first, by impact
	Causes       []Cause  // of the flagged ones; those that explain most come first
}

// Side names one of the two snapshots, and what it rests on.
type Side struct {
	SnapshotID string
	Start, End time.Time
	State      snapshot.State
	Coverage   snapshot.Coverage
	Versions   []snapshot.Version
}

// Change is one verdict on one group. A group has one Change for each kind of measure that was tested.
type Change struct {
	snapshot.Identity
	Measure     Measure
	Verdict     Verdict
	A, B        Absolute
	Effect      float64 // latency and calls: ratio B/A; errors and presence: difference of shares
	Low, High   float64 // 95 % confidence interval of the effect
	P           float64 // of the test
	Q           float64 // false discovery rate at which it would be flagged, over all tests of this diff
	Flagged     bool    // significant, and larger than the effect floor
	Impact      float64 // s per second of traffic (latency) or errors per second; what a report sorts by
	Standing    Standing
	Reason      Reason      // of a change that was cleared
	Fading      bool        // it lasts, but this window does not show it
	Windows     int         // in which it was flagged, in a row or since it was confirmed
	Since       time.Time   // when it began, as far as the windows show it
	Cause       string      // fingerprint of the main change of its cause; "" while it is not flagged
	Culprit     string      // the service at fault, as its cause says
	Deployed    *Deployment // of its cause
	CauseKind   CauseKind   // of its cause
	Was         string      // of its cause
	Onset       time.Time   // when it began, where that was inside of A or B; else zero
	Ended       time.Time   // when it was over, where that was inside of B, or of one that was cleared as gone; else zero
	Exemplars   []string    // trace ids of B that show it (of A for a missing group)
	Fingerprint string      // stable over windows and restarts: query, baseline, identity, measure

	part       *stretch // of a window that it is about; nil: the whole
	pair       int32    // number of the pair of groups that it was found on, while a comparison goes on
	superseded bool     // another change of the same fingerprint takes its place
}

// Measure is the kind of quantity that a test is about.
type Measure string

// Measures.
const (
	Presence Measure = "presence" // is it there at all: new, missing
	Latency  Measure = "latency"
	Waiting  Measure = "waiting" // of the callers of an edge, outside of the callee's spans: in the network and in queues
	Slowest  Measure = "slowest" // calls that take much longer than nearly all did
	Errors   Measure = "errors"
	CallRate Measure = "calls"
)

// Absolute is what a group was like on one side.
type Absolute struct {
	Spans      uint64  // raw count
	Traces     uint64  // raw count
	Weight     float64 // adjusted count of spans
	Rate       float64 // spans/s, adjusted
	PerTrace   float64 // calls per trace of the query, adjusted
	ErrorShare float64 // of the spans, 0 to 1
	ErrorTrace float64 // of the traces with the group, 0 to 1: those with an error in it; what the test of errors is about
	Mean       float64 // duration, ns, arithmetic
	GeoMean    float64 // duration, ns, geometric: what the latency test is about
	P50        float64 // ns
	P95        float64
	P99        float64
	SelfMean   float64 // exclusive time, ns, geometric
	Wait       float64 // of the callers of an edge, outside of the callee's spans, ns, arithmetic; 0 where it is not known
	GeoWait    float64 // the same, geometric
}
