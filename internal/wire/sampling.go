package wire

import "time"

// Sampling is how a sampler does: its budget, what it keeps and why.
type Sampling struct {
	Budget    Budget        `json:"budget"`
	DryRun    bool          `json:"dry_run"`   // everything is forwarded, whatever is decided
	Decisions []ReasonCount `json:"decisions"` // since the time under since
	Since     time.Time     `json:"since"`
	Cutoffs   Cutoffs       `json:"cutoffs"`
	Memory    Memory        `json:"memory"`
	Learned   Learned       `json:"learned"`
	Warnings  []string      `json:"warnings"` // what is probably not as it is meant to be
}

// Budget is what may be kept.
type Budget struct {
	Unit    BudgetUnit `json:"unit"` // as in the configuration
	Value   Number     `json:"value"`
	Used    Number     `json:"used"`    // share of the last 10 s' budget that was spent
	Offered Number     `json:"offered"` // what comes up for decision a second: spans, traces or bytes
}

// BudgetUnit is what a budget counts.
type BudgetUnit string

// Units of budgets.
const (
	BudgetPercentage      BudgetUnit = "percentage"
	BudgetSpansPerSecond  BudgetUnit = "spans_per_second"
	BudgetTracesPerSecond BudgetUnit = "traces_per_second"
	BudgetBytesPerSecond  BudgetUnit = "bytes_per_second"
)

// Enum implements Enumerated.
func (BudgetUnit) Enum() []string {
	return []string{string(BudgetPercentage), string(BudgetSpansPerSecond), string(BudgetTracesPerSecond), string(BudgetBytesPerSecond)}
}

// ReasonCount is how many traces were decided for a reason.
type ReasonCount struct {
	Kept   bool   `json:"kept"`
	Reason string `json:"reason"`
	Traces int    `json:"traces"`
	Spans  int    `json:"spans"`
	Share  Number `json:"share"` // of all traces that were decided
}

// Cutoffs are what a trace must reach to be kept for certain.
type Cutoffs struct {
	Baseline Number       `json:"baseline"` // probability that every trace has
	Weight   Number       `json:"weight"`   // from which a trace is kept for certain; null while the budget holds only the baseline
	Signs    []SignCutoff `json:"signs"`
}

// SignCutoff is a sign of interest, with the strength from which it alone is reason enough: multiples of the excess that is not yet remarkable
// for latency, bits of surprise for error and rarity.
type SignCutoff struct {
	Name   string `json:"name"`
	Share  Number `json:"share"`  // of the budget above the baseline, as configured
	Enough Number `json:"enough"` // null where no strength is
}

// Memory is what a sampler holds.
type Memory struct {
	Bytes  int64 `json:"bytes"`
	Limit  int64 `json:"limit_bytes"`
	Traces int   `json:"traces"` // undecided, or kept and not yet sent
	Spans  int   `json:"spans"`
}

// Learned is what a sampler has learned.
type Learned struct {
	Paths        int    `json:"paths"`
	Operations   int    `json:"operations"`
	FoldedTraces uint64 `json:"folded_traces"` // of paths that had no place of their own
}

// ServiceMap is which services call which. Figures are decayed: a trace of one half-life ago counts half.
type ServiceMap struct {
	Traces    Number    `json:"traces"`    // that the figures rest on
	Kept      Number    `json:"kept"`      // share of them
	Unmapped  Number    `json:"unmapped"`  // share of them of which nothing is in the map
	Services  []MapPart `json:"services"`  // the busiest first
	Calls     []MapPart `json:"calls"`     // the busiest first
	Truncated bool      `json:"truncated"` // there are rarer ones that the answer had no room for
}

// MapPart is a service, or the calls of one by another. A trace counts once for each that occurs in it.
type MapPart struct {
	Caller   string `json:"caller,omitempty"` // of calls
	Service  string `json:"service"`
	Traces   Number `json:"traces"`
	Rate     Number `json:"rate"` // traces a second
	KeptRate Number `json:"kept_rate"`
	// Probability that a uniform sample which keeps the same share of all traces holds none of these.
	MissedByUniform Number `json:"missed_by_uniform"`
	Missed          bool   `json:"missed"` // whether that is to be expected
}
