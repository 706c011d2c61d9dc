package verify

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/sentinel/identity"
)

// Verdict is what has become of a trace.
type Verdict uint8

// The verdicts. Each trace has one; where several fit, it is the first of Corrupt, Duplicate, Late, Delivered for a trace that is whole.
const (
	None            Verdict = iota // there is none yet
	Delivered                      // whole, unchanged, once, in time
	Late                           // whole and unchanged, but later than Config.LateAfter
	Missing                        // accepted from the generator, and no span of it arrived
	Incomplete                     // accepted from the generator, and some spans of it did not arrive
	Duplicate                      // spans arrived more than once, although the generator did not send them again
	Corrupt                        // a field of a span is not what was sent
	Unexpected                     // it is ours, but could not have been sent, or ought to have been sampled out
	SampledOut                     // the declared sampler had to drop it, and did
	RefusedAtSource                // the pipeline did not accept all of it from the generator
	GeneratorGap                   // the generator did not send it, or not in time
	Unknown                        // nothing can be said, for want of a word from the generator, an answer, or room
)

// Verdicts is how many there are, None included.
const Verdicts = int(Unknown) + 1

var verdictNames = [Verdicts]string{
	"none", "delivered", "late", "missing", "incomplete", "duplicate", "corrupt", "unexpected", "sampled_out", "refused_at_source",
	"generator_gap", "unknown",
}

// String is the name in metrics and APIs.
func (v Verdict) String() string { return verdictNames[v] }

// Failing says whether the verdict speaks against the pipeline.
func (v Verdict) Failing() bool {
	switch v {
	case Late, Missing, Incomplete, Duplicate, Corrupt, Unexpected:
		return true
	}
	return false
}

// Judgement is a verdict with what led to it.
type Judgement struct {
	Verdict  Verdict
	Was      Verdict // what this replaces, because of spans that came after the verdict; else None
	Trace    identity.TraceID
	Sealed   pcommon.TraceID
	Stream   string
	Traces   int           // how many; 1 but for verdicts on a whole slot
	Delay    time.Duration // of a whole trace: from when all of it was due to leave the generator to the arrival of its last span; 0: not observed
	Stands   int           // where the delay of some traces is observed only: for how many this one stands; else 0
	Fields   Fields        // of Corrupt: which
	Detail   string        // for people: a changed field with both values, missing operations, why nothing is known
	Absent   []string      // of a trace of which something has arrived: whose spans of which operations have not (traffic.Span.Reference)
	Weight   float64       // of a trace of which something has arrived: its adjusted count, 1 without a sampler; else 0
	Accepted bool          // the generator has said that the pipeline took it
}
