// Package inprocess measures processors inside a process of its own for each case: no case sees the heap, the caches or the
// learned state of another.
package inprocess

import (
	"context"
	"fmt"
	"time"

	"github.com/assayhq/assay/bench/subject"
)

// Kind is what a case measures.
type Kind string

// The kinds of cases.
const (
	Flow    Kind = "flow"    // CPU, allocations and throughput while the input comes as fast as it is taken
	Held    Kind = "held"    // memory while spans are held
	Garbage Kind = "garbage" // garbage collection while spans are held and a constant load runs
	Latency Kind = "latency" // time from the last span of a trace to its output
	Fill    Kind = "fill"    // nothing: it fills a journal and is killed
	Recover Kind = "recover" // time to take in what a journal holds
)

// Case is one measurement.
type Case struct {
	Kind    Kind
	Subject subject.Name
	Kept    float64       // percent
	Procs   int           // GOMAXPROCS
	Hold    time.Duration // of every trace; 0: as learned, or as usual
	Warm    time.Duration // before the window
	Window  time.Duration // what is measured
	Rate    float64       // spans/s, 0: as fast as they are taken
	Spans   int           // to hold
	Data    string        // recorded traces to hold instead, a converted file
	Profile string        // folder for CPU and allocation profiles, none if empty
	Journal string        // folder for the journal of subject.Journaled
	Fsync   bool
}

// Name tells cases apart.
func (c Case) Name() string {
	name := fmt.Sprintf("%s of %s, %v %% kept, GOMAXPROCS %d", c.Kind, c.Subject, c.Kept, c.Procs)
	if c.Data != "" {
		name += ", recorded"
	}
	return name
}

// Figures are what a case has measured, by name.
type Figures map[string]float64

// Names of figures.
const (
	CPUPerSpan     = "cpu_us_per_span"
	ObjectsPerSpan = "objects_per_span"
	BytesPerSpan   = "bytes_per_span"
	SpansPerSecond = "spans_per_s"
	KeptPercent    = "kept_percent"

	ResidentPerSpan = "resident_bytes_per_span" // after garbage collection
	HeapPerSpan     = "heap_bytes_per_span"     // live on the Go heap
	PeakPerSpan     = "peak_bytes_per_span"     // resident, while it was filled

	GCOfUsed    = "gc_percent_of_used_cpu"
	GCOfAll     = "gc_percent_of_all_cpu"
	GCLongStop  = "gc_longest_stop_ms"
	GCStops     = "gc_stops_ms_per_s"
	GCCycles    = "gc_cycles"
	SpansHeld   = "spans_held"
	LatencyP50  = "latency_p50_ms"
	LatencyP99  = "latency_p99_ms"
	LatePercent = "late_percent" // spans that came after the decision on their trace
	TracesOut   = "traces_out"

	RecoverySeconds = "recovery_s"
	RecoveryCPU     = "recovery_cpu_s"
	RecoveredSpans  = "recovered_spans"
	JournalPerSpan  = "journal_bytes_per_span"
)

// Run measures the case in this process.
func (c Case) Run(ctx context.Context) (Figures, error) {
	run := map[Kind]func(Case, context.Context) (Figures, error){
		Flow: Case.flow, Held: Case.held, Garbage: Case.garbage, Latency: Case.latency, Fill: Case.fill, Recover: Case.recover,
	}[c.Kind]
	if run == nil {
		return nil, fmt.Errorf("kind of case: must be %s, %s, %s or %s, got %q", Flow, Held, Garbage, Latency, c.Kind)
	}
	return run(c, ctx)
}

// options configures the subject for traces of the usual size at about perSecond spans a second.
func (c Case) options(perSecond float64) subject.Options {
	return subject.Options{Kept: c.Kept, Hold: c.Hold, TracesPerSecond: int(perSecond) / spansPerTrace, Journal: c.Journal, Fsync: c.Fsync}
}
