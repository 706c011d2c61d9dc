package tailsampling

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracesketch"
)

// Decision is what became of one trace.
type Decision struct {
	TraceID     pcommon.TraceID
	Kept        bool
	Reason      string
	Rule        string  // that the trace matches; "" without one
	Probability float64 // of being kept by this sampler
	Threshold   uint64  // composed with incoming thresholds, of 2^56
	Adjusted    float64 // traces that a kept one stands for, of those that came here
	Fragment    bool    // without its root, or the parent of some span
	Marked      bool    // false where the trace cannot carry its threshold
	Endpoint    tracesketch.Operation
	Path        tracesketch.Path
	Spans       int
	RootError   bool
	Duration    time.Duration // earliest start to latest end, at most what it can hold (292 years)
	Latency     time.Duration // from the last span's arrival to the decision
}

// Observer is told what the engine does. Its methods are called from several goroutines and must not block.
type Observer interface {
	// Decided is called for every trace; again where late spans find it forgotten. d is valid during the call.
	Decided(d *Decision)
	// Selected is called after the traces of one selection have been decided, with the state then, but for the buffer's. It and Decided are never called concurrently,
	// so that an observer may add decisions up and pass them on here.
	Selected(s *Stats)
	// Late counts spans that arrived after their trace had been decided.
	Late(kept bool, spans int)
	// Lost counts spans that were neither kept nor sampled out.
	Lost(reason LossReason, spans int)
	// Refused counts spans answered with a retryable error.
	Refused(spans int)
	// Sent counts spans handed to the next consumer.
	Sent(spans int)
}

// LossReason says why spans were lost.
type LossReason string

// The ways to lose a span.
const (
	LostInvalidTraceID LossReason = "invalid_trace_id" // all zero: belongs to no trace
	LostRejected       LossReason = "rejected"         // the next consumer answered with a permanent error
	LostShutdown       LossReason = "shutdown"         // could not be handed on before the shutdown deadline
)

// NopObserver observes nothing.
type NopObserver struct{}

// Decided implements Observer.
func (NopObserver) Decided(*Decision) {}

// Selected implements Observer.
func (NopObserver) Selected(*Stats) {}

// Late implements Observer.
func (NopObserver) Late(bool, int) {}

// Lost implements Observer.
func (NopObserver) Lost(LossReason, int) {}

// Refused implements Observer.
func (NopObserver) Refused(int) {}

// Sent implements Observer.
func (NopObserver) Sent(int) {}
