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
	State    State
	Summary  string // in words: who loses what since when, and who is fine
	Since    time.Time
	At       time.Time
	Reasons  []string          // why it is not ok
	Verdicts map[string]uint64 // of all vantages together, since the sentinel began
	Failing  []Failing
	Vantages []Vantage
	// Unwatched are the exporters whose losses no vantage sees.
	Unwatched []legs.Leg
}

// Vantage is how things look from one place.
type Vantage struct {
	Name     string
	Kind     Kind
	State    State
	Reason   string
	Verdicts map[string]uint64
	SLO      *slo.Report
	Delays   *slo.Observed // over the window, as far as they are observed
	Sources  []Source
	Alerts   []Alert
	Overdue  int       // traces that should have arrived by now
	Newest   time.Time // when the newest trace left that has arrived as a whole
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
	Instance uint16
	Stream   string
	Heard    float64 // -1: never
	Silent   bool
	Direct   bool // told within the same collector
}

// Failing is something that fails now, or did until lately.
type Failing struct {
	Verdict   string
	Vantage   string
	Operation string // where the traces begin; of alerts and numbers: which
	Since     time.Time
	Last      time.Time
	Count     uint64
	Trace     string // the latest
	Detail    string // of the latest
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
