package tailsampling

import (
	"errors"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracestate"
)

// sampled is what the tracestate of a span says about sampling so far.
type sampled struct {
	tracestate.Sampling
	broken bool // cannot be parsed, or has no room: cannot carry a threshold
}

// readTraceState parses a tracestate. The empty one, by far the most frequent, is for the caller to skip.
func readTraceState(raw string) sampled {
	w3c, err := sampling.NewW3CTraceState(raw)
	if err != nil {
		return sampled{broken: true}
	}
	return sampled{tracestate.Of(&w3c), !hasRoom(&w3c)}
}

// The limits that readers put on a tracestate (W3C trace context, and the OpenTelemetry limit on the value of ot).
const (
	maxTraceState   = 1024 // bytes
	maxOTValue      = 256  // bytes
	maxOtherMembers = 30   // beside ot; readers count to 31 or 32
)

// hasRoom tells whether a tracestate can hold rv and th beside all else that it says, and still be read by the next one.
func hasRoom(w3c *sampling.W3CTraceState) bool {
	ot := len("rv:ffffffffffffff;th:ffffffffffffff")
	for _, kv := range w3c.OTelValue().ExtraValues() {
		ot += len(";:") + len(kv.Key) + len(kv.Value)
	}
	all := len("ot=") + ot
	for _, kv := range w3c.ExtraValues() {
		all += len(",=") + len(kv.Key) + len(kv.Value)
	}
	return ot <= maxOTValue && all <= maxTraceState && len(w3c.ExtraValues()) <= maxOtherMembers
}

// otMark is what a kept span's tracestate is to say.
type otMark struct {
	threshold  uint64
	randomness uint64 // of a span that states none of its own
	stated     bool   // randomness is written where there is none
	none       bool   // the trace's thresholds contradict its randomness: no threshold would be true
}

var errNoRoom = errors.New("tracestate has no room for a threshold")

// write returns raw with its threshold set, and with rv where the mark states one. A span below the threshold, by
// randomness of its own, gets none: it would not be true.
func (m *otMark) write(raw string) (string, error) {
	w3c, err := sampling.NewW3CTraceState(raw)
	if err != nil {
		return raw, err
	}
	if !hasRoom(&w3c) {
		return raw, errNoRoom
	}
	ot := w3c.OTelValue()
	r := m.randomness
	if own, ok := ot.RValueRandomness(); ok {
		r = own.Unsigned()
	} else if m.stated {
		rv, err := sampling.UnsignedToRandomness(r)
		if err != nil {
			return raw, err
		}
		ot.SetRValue(rv)
	}
	ot.ClearTValue() // the new threshold already holds the old one; a laxer span of the same trace follows it
	if !m.none && r >= m.threshold {
		th, err := sampling.UnsignedToThreshold(m.threshold)
		if err != nil {
			return raw, err
		}
		if err := ot.UpdateTValueWithSampling(th); err != nil {
			return raw, err
		}
	}
	var b strings.Builder
	if err := w3c.Serialize(&b); err != nil {
		return raw, err
	}
	return b.String(), nil
}

// hashedRandomness serves ids whose low bits are not random. The hash is unseeded: every collector agrees on it.
func hashedRandomness(id pcommon.TraceID) uint64 {
	return xxhash.Sum64(id[:]) & (tracestate.RandomnessEnd - 1)
}
