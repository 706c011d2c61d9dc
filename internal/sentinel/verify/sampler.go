package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/samplermarks"
	"github.com/assayhq/assay/internal/tracestate"
)

// Sampler is what is known of a sampler between the generator and the verifier.
type Sampler interface {
	// Survives says whether the sampler must keep a trace, and whether that can be known.
	Survives(pcommon.TraceID) (kept, known bool)
	// Check says what is wrong with what a kept trace says about sampling, or nothing.
	Check(pcommon.TraceID, tracestate.Sampling) string
	// Adds says whether the sampler may add an attribute to a span.
	Adds(key string) bool
}

// Consistent is a sampler of fixed probability that decides by the randomness in the trace id and writes its threshold
// (probabilistic_sampler in the modes proportional and equalizing, which agree on traces that no other sampler has seen).
// Which traces survive is known exactly.
type Consistent struct{ threshold sampling.Threshold }

var _ Sampler = Consistent{}

// DefaultPrecision is how many hexadecimal digits of a threshold probabilistic_sampler writes by default.
const DefaultPrecision = 4

// NewConsistent makes one of a percentage and a precision in hexadecimal digits, as probabilistic_sampler is configured.
func NewConsistent(percentage float32, precision int) (Consistent, error) {
	if !(percentage > 0 && percentage <= 100) {
		return Consistent{}, fmt.Errorf("percentage: must be more than 0 and at most 100, got %v", percentage)
	}
	if precision < 1 || precision > sampling.NumHexDigits {
		return Consistent{}, fmt.Errorf("precision: must be between 1 and %d, got %d", sampling.NumHexDigits, precision)
	}
	probability := max(float64(percentage)/100, sampling.MinSamplingProbability)
	th, err := sampling.ProbabilityToThresholdWithPrecision(probability, precision)
	return Consistent{th}, err
}

// Survives implements Sampler.
func (c Consistent) Survives(id pcommon.TraceID) (kept, known bool) {
	return c.threshold.ShouldSample(sampling.TraceIDToRandomness(id)), true
}

// Check implements Sampler.
func (c Consistent) Check(_ pcommon.TraceID, s tracestate.Sampling) string {
	switch {
	case !s.HasThreshold:
		return "the sampler must have written ot=th:" + c.threshold.TValue()
	case s.Threshold != c.threshold.Unsigned():
		return "th must be " + c.threshold.TValue()
	}
	return ""
}

// Adds implements Sampler.
func (Consistent) Adds(string) bool { return false }

// Tail is a sampler that decides by what is in a trace, and writes a threshold that the trace's randomness reaches
// (smart_tail_sampling). Which traces it drops is not known.
type Tail struct {
	// Marks are names of attributes that it adds; nil: those of smart_tail_sampling by default.
	Marks []string
}

var _ Sampler = Tail{}

// Survives implements Sampler.
func (Tail) Survives(pcommon.TraceID) (kept, known bool) { return false, false }

// Check implements Sampler.
func (Tail) Check(id pcommon.TraceID, s tracestate.Sampling) string {
	if !s.HasThreshold {
		return "the sampler must have written its threshold, ot=th:..."
	}
	if r := tracestate.IDRandomness(id); r < s.Threshold {
		return fmt.Sprintf("th must not be above the trace's randomness %014x: such a trace is not kept", r)
	}
	return ""
}

// Adds implements Sampler.
func (s Tail) Adds(key string) bool {
	marks := s.Marks
	if marks == nil {
		marks = samplermarks.OfSpans()
	}
	return slices.Contains(marks, key)
}

// checkTraceState says what is wrong with a trace state behind a sampler, or nothing.
func checkTraceState(s Sampler, id pcommon.TraceID, want, got string) string {
	state, err := sampling.NewW3CTraceState(got)
	switch {
	case err != nil:
		return "must be a W3C trace state"
	case others(&state) != want:
		return fmt.Sprintf("but for ot=th must be %q", want)
	}
	return s.Check(id, tracestate.Of(&state))
}

// others is a trace state without the member of OpenTelemetry, in which samplers write.
func others(state *sampling.W3CTraceState) string {
	var members []string
	for _, kv := range state.ExtraValues() {
		members = append(members, kv.Key+"="+kv.Value)
	}
	return strings.Join(members, ",")
}
