package watch

import (
	"time"

	"github.com/assayhq/assay/internal/sentinel/legs"
	"github.com/assayhq/assay/internal/sentinel/slo"
)

// State is how things stand, at a vantage or all in all.
type State string

// The states.
const (
	OK       State = "ok"
	Starting State = "starting" // no verdict can be due yet
	Degraded State = "degraded" // a failure is known
	Unknown  State = "unknown"  // it cannot be known whether there is a failure
)

// Report is the verdict, and what led to it.
type Report struct {
	State    State             `json:"state"`
	Summary  string            `json:"summary"` // in words: who loses what since when, and who is fine
	Since    time.Time         `json:"since"`
	At       time.Time         `json:"at"`
	Reasons  []string          `json:"reasons,omitempty"` // why it is not ok
	Verdicts map[string]uint64 `json:"verdicts"`          // of all vantages together, since the sentinel began
	Failing  []Failing         `json:"failing"`
	Vantages []Vantage         `json:"vantages"`
	// Unwatched are the exporters whose losses no vantage sees.
	Unwatched []legs.Leg `json:"unwatched"`
}

// Vantage is how things look from one place.
type Vantage struct {
	Name     string            `json:"name"`
	Kind     Kind              `json:"kind"`
	State    State             `json:"state"`
	Reason   string            `json:"reason,omitempty"`
	Verdicts map[string]uint64 `json:"verdicts,omitempty"`
	SLO      *slo.Report       `json:"slo,omitempty"`
	Delays   *slo.Observed     `json:"delays,omitempty"` // over the window, as far as they are observed
	Sources  []Source          `json:"sources,omitempty"`
	Alerts   []Alert           `json:"alerts,omitempty"`
	Overdue  int               `json:"overdue,omitempty"` // traces that should have arrived by now
	Newest   time.Time         `json:"newest,omitzero"`   // when the newest trace left that has arrived as a whole
	failing  []Failing
	promised time.Duration // in which 99 % of the traces are to arrive
	harmed   bool          // Reason is the predicate of a sentence about the place
}

// Kind is what a vantage looks at.
type Kind string

// The kinds.
const (
	Pipeline Kind = "pipeline" // spans that arrive at an exporter
	Backend  Kind = "backend"  // stored traces
	Alerts   Kind = "alerts"
	Numbers  Kind = "numbers" // metrics
)

// Source is a stream of a generator, as seen from a vantage.
type Source struct {
	Instance uint16  `json:"instance"`
	Stream   string  `json:"stream"`
	Heard    float64 `json:"heard_seconds_ago"` // -1: never
	Silent   bool    `json:"silent"`
	Direct   bool    `json:"direct"` // told within the same collector
}

// Failing is something that fails now, or did until lately.
type Failing struct {
	Verdict   string    `json:"verdict"`
	Vantage   string    `json:"vantage"`
	Operation string    `json:"operation"` // where the traces begin; of alerts and numbers: which
	Since     time.Time `json:"since"`
	Last      time.Time `json:"last"`
	Count     uint64    `json:"count"`
	Trace     string    `json:"trace,omitempty"`  // the latest
	Detail    string    `json:"detail,omitempty"` // of the latest
}

// sum makes the verdict of all vantages.
func sum(vantages []Vantage, now time.Time) *Report {
	r := &Report{State: Starting, At: now, Verdicts: map[string]uint64{}, Failing: []Failing{}, Vantages: vantages}
	for i := range vantages {
		v := &vantages[i]
		r.State = worse(r.State, v.State)
		if v.State != OK && v.Reason != "" {
			r.Reasons = append(r.Reasons, v.Name+": "+v.Reason)
		}
		for name, n := range v.Verdicts {
			r.Verdicts[name] += n
		}
		r.Failing = append(r.Failing, v.failing...)
	}
	return r
}

// worse is what two states make together. A vantage that is starting says nothing against another that is ok.
func worse(a, b State) State {
	rank := map[State]int{Starting: 0, OK: 1, Unknown: 2, Degraded: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
