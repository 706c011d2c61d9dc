package wire

import "time"

// SentinelStatus is the sentinel's verdict, and what led to it.
type SentinelStatus struct {
	State     SentinelState     `json:"state"`
	Summary   string            `json:"summary"` // in words: who loses what since when, and who is fine
	Since     time.Time         `json:"since"`
	At        time.Time         `json:"at"`
	Reasons   []string          `json:"reasons"`  // why it is not ok
	Verdicts  map[string]uint64 `json:"verdicts"` // traces of all vantages together, since the sentinel began
	Failing   []Failing         `json:"failing"`
	Vantages  []Vantage         `json:"vantages"`
	Unwatched []Leg             `json:"unwatched"` // exporters whose losses no vantage sees
}

// SentinelState is how things stand. Starting: no verdict can be due yet. Degraded: a failure is known. Unknown: it cannot be known whether
// there is one.
type SentinelState string

// Enum implements Enumerated.
func (SentinelState) Enum() []string { return []string{"ok", "starting", "degraded", "unknown"} }

// Vantage is how things look from one place.
type Vantage struct {
	Name     string            `json:"name"`
	Kind     VantageKind       `json:"kind"`
	State    SentinelState     `json:"state"`
	Reason   string            `json:"reason,omitempty"`
	Verdicts map[string]uint64 `json:"verdicts"` // traces, since the sentinel began
	SLO      *Promises         `json:"slo,omitempty"`
	Delays   *Delays           `json:"delays,omitempty"` // over the window, as far as they are observed
	Sources  []TrafficSource   `json:"sources"`
	Alerts   []AlertCycle      `json:"alerts"`
	Overdue  int               `json:"overdue"`          // traces that should have arrived by now
	Newest   *time.Time        `json:"newest,omitempty"` // when the newest trace left that has arrived as a whole
}

// VantageKind is what a vantage looks at: spans that arrive at an exporter, stored traces, alerts, or metrics.
type VantageKind string

// Enum implements Enumerated.
func (VantageKind) Enum() []string { return []string{"pipeline", "backend", "alerts", "numbers"} }

// Leg is an exporter of a pipeline of traces, whose losses nobody sees.
type Leg struct {
	Pipeline string `json:"pipeline"`
	Exporter string `json:"exporter"`
	Why      string `json:"why"`
}

// Failing is something that fails now, or did until lately.
type Failing struct {
	Verdict   string    `json:"verdict"`
	Vantage   string    `json:"vantage"`
	Operation string    `json:"operation"` // where the traces begin; of alerts and numbers: which
	Since     time.Time `json:"since"`
	Last      time.Time `json:"last"`
	Count     uint64    `json:"count"`
	TraceID   string    `json:"trace_id,omitempty"` // the latest
	Detail    string    `json:"detail,omitempty"`   // of the latest
}

// TrafficSource is a stream of a generator, as seen from a vantage.
type TrafficSource struct {
	Instance uint16 `json:"instance"`
	Stream   string `json:"stream"`
	Heard    Number `json:"heard_seconds_ago"` // null: never
	Silent   bool   `json:"silent"`
	Direct   bool   `json:"direct"` // told within the same collector
}

// AlertCycle is how an alert does that bursts of errors must raise.
type AlertCycle struct {
	Name               string            `json:"name"`
	Outcome            string            `json:"outcome"` // of the burst that is judged now
	Broken             string            `json:"broken,omitempty"`
	Burst              *time.Time        `json:"burst"`                  // when it began
	Fired              Number            `json:"fired_after_seconds"`    // from its beginning until the rule fired; null: not yet
	Notified           Number            `json:"notified_after_seconds"` // until the notification came
	Cleared            Number            `json:"cleared_after_seconds"`  // from its end until the notification that it is over
	NextBurst          *time.Time        `json:"next_burst"`             // that is under way or awaited
	Outcomes           map[string]uint64 `json:"outcomes"`               // of all bursts
	FiringWithoutBurst bool              `json:"firing_without_burst"`   // now
	Deadlines          Deadlines         `json:"deadlines"`
	Past               []PastBurst       `json:"past"` // the last 100 bursts that are over, the oldest first
}

// PastBurst is how an alert did in a burst that is over.
type PastBurst struct {
	Began    time.Time `json:"began"`
	Ended    time.Time `json:"ended"`
	Outcome  string    `json:"outcome"`
	Broken   string    `json:"broken,omitempty"`
	Fired    Number    `json:"fired_after_seconds"`    // from its beginning; null: not seen
	Notified Number    `json:"notified_after_seconds"` // from its beginning
	Cleared  Number    `json:"cleared_after_seconds"`  // from its end
}

// Deadlines are how long an alert may take.
type Deadlines struct {
	Fire   float64 `json:"fire_seconds"`
	Notify float64 `json:"notify_seconds"`
	Clear  float64 `json:"clear_seconds"`
}

// Promises are how the promises of a service level are kept at a vantage.
type Promises struct {
	Completeness  Objective `json:"completeness"`
	Latency       Objective `json:"latency"`
	Coverage      Number    `json:"coverage"`       // share of the traces of the window of which something is known; 1 where there are none
	CoverageShort Number    `json:"coverage_short"` // the same over a twelfth
	JudgedShort   uint64    `json:"judged_short"`   // traces of a twelfth that something is known of
}

// Objective is how one promise is kept.
type Objective struct {
	Target        float64        `json:"target"`          // share that must be good
	Good          uint64         `json:"good"`            // over the window
	Bad           uint64         `json:"bad"`             // over the window
	BudgetLeft    Number         `json:"budget_left"`     // share of the allowed bad ones that is left; negative: more than all is used
	BurnRate      Number         `json:"burn_rate"`       // over the window
	BurnRateShort Number         `json:"burn_rate_short"` // over a twelfth of it
	JudgedShort   uint64         `json:"judged_short"`    // good and bad over a twelfth
	BadShort      uint64         `json:"bad_short"`       // of these, bad
	State         ObjectiveState `json:"state"`
}

// ObjectiveState is how a promise stands. Burning: at the present rate, more than the budget goes. Exhausted: that of the window is used up.
type ObjectiveState string

// Enum implements Enumerated.
func (ObjectiveState) Enum() []string { return []string{"ok", "burning", "exhausted", "no_data"} }

// Delays are how long observed traces took, over the window.
type Delays struct {
	DelayQuantiles
	Parts []DelayPart `json:"parts"` // twelfths of the window in which any were observed, the oldest first
}

// DelayPart is a part of the window.
type DelayPart struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // exclusive; may be still to come
	DelayQuantiles
}

// DelayQuantiles are how long observed traces took.
type DelayQuantiles struct {
	P50    float64 `json:"p50_seconds"`
	P99    float64 `json:"p99_seconds"` // of fewer than 100 traces: the longest
	Traces uint64  `json:"traces"`      // that were observed
}
