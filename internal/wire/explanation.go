package wire

import "time"

// Explanation says what became of a trace, and why.
type Explanation struct {
	TraceID        string    `json:"trace_id"`
	Fate           Fate      `json:"fate"`
	ReasonsSince   time.Time `json:"reasons_since"`   // reasons are known of what was decided from then on
	DecisionsSince time.Time `json:"decisions_since"` // whether it was kept is known of what was decided from then on

	Open    *OpenTrace `json:"open,omitempty"`    // where the fate is open
	Outcome *Outcome   `json:"outcome,omitempty"` // where it is decided or remembered
	Reasons *Reasons   `json:"reasons,omitempty"` // where it is decided
	Path    *Path      `json:"path,omitempty"`    // as it is usual now, unless it has been forgotten
}

// OpenTrace is a trace that is not decided yet.
type OpenTrace struct {
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Spans     int       `json:"spans"`
	Complete  bool      `json:"complete"` // the root is in and no parent is missing
	Latest    time.Time `json:"latest"`   // it is decided then at the latest
}

// Outcome is what the sampler did. A trace is kept exactly if its randomness is not below its threshold; both are shares, and stand as th
// and rv as in a tracestate, too.
type Outcome struct {
	Kept       bool      `json:"kept"`
	DryRun     bool      `json:"dry_run"`   // it was forwarded whatever was decided
	LastSpan   time.Time `json:"last_span"` // arrival of the last span before the decision
	Threshold  Number    `json:"threshold"`
	Randomness Number    `json:"randomness"`
	TH         string    `json:"th"`
	RV         string    `json:"rv"`
	LateSpans  int       `json:"late_spans"` // that came after the decision and are held at the moment
}

// Reasons are what a decision rested on. Weights are in units in which a single sign that is reason enough weighs 1.
type Reasons struct {
	Decided     time.Time `json:"decided"`
	Latency     float64   `json:"latency_seconds"` // from the last span to the decision
	Reason      string    `json:"reason"`
	Rule        string    `json:"rule,omitempty"`
	Probability Number    `json:"probability"`
	Adjusted    Number    `json:"adjusted"` // traces that it stands for if it is kept
	Baseline    Number    `json:"baseline"` // probability that it had whatever its interest
	Weight      Number    `json:"weight"`
	Cutoff      Number    `json:"cutoff"` // weight from which a trace was kept for certain; null where the budget held only the baseline
	Signs       []Sign    `json:"signs"`
	Excess      float64   `json:"excess_seconds"` // time beyond what is slow for the operations
	Endpoint    Operation `json:"endpoint"`
	Spans       int       `json:"spans"`
	Errors      int       `json:"errors"`
	Duration    float64   `json:"duration_seconds"`
	Fragment    bool      `json:"fragment"` // without its root, or a parent
	Marked      bool      `json:"marked"`   // false where it cannot carry its threshold
	Incoming    Number    `json:"incoming"` // share that samplers in front had left
}

// Sign is what the trace showed; enough is what alone would have been reason enough, null where it could not be.
type Sign struct {
	Name      string     `json:"name"`
	Strength  Number     `json:"strength"`
	Enough    Number     `json:"enough"`
	Operation *Operation `json:"operation,omitempty"`
}

// Fate is what became of a trace: it is not decided yet, decided, decided so long ago that the reasons are forgotten, or not known.
type Fate string

// Fates.
const (
	FateOpen       Fate = "open"
	FateDecided    Fate = "decided"
	FateRemembered Fate = "remembered"
	FateUnknown    Fate = "unknown"
)

// Enum implements Enumerated.
func (Fate) Enum() []string {
	return []string{string(FateOpen), string(FateDecided), string(FateRemembered), string(FateUnknown)}
}
