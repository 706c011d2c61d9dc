// Package tracestate reads what the W3C tracestate of a span says about sampling, by the rules of OpenTelemetry's consistent
// probability sampling (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling): a trace is kept if and only if
// its randomness is at least the threshold, and both are numbers of 56 bits.
package tracestate

import "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"

// Sampling is what a tracestate says: th and rv of its member ot. The zero value is that of a span that says nothing.
type Sampling struct {
	Threshold     uint64 // th, 0 where there is none: sampled with probability 1
	Randomness    uint64 // rv, 0 where there is none: it is in the trace id then, see IDRandomness
	HasThreshold  bool
	HasRandomness bool
}

// Read reads a tracestate; one that cannot be parsed says nothing. The form that samplers write is read without parsing.
func Read(raw string) Sampling {
	if raw == "" { // by far the most frequent
		return Sampling{}
	}
	if th, ok := plainThreshold(raw); ok {
		return Sampling{Threshold: th, HasThreshold: true}
	}
	state, err := sampling.NewW3CTraceState(raw)
	if err != nil {
		return Sampling{}
	}
	return Of(&state)
}

// Of takes it out of a tracestate that is parsed already, for whoever needs the rest of it, too.
func Of(state *sampling.W3CTraceState) Sampling {
	var s Sampling
	ot := state.OTelValue()
	if th, ok := ot.TValueThreshold(); ok {
		s.Threshold, s.HasThreshold = th.Unsigned(), true
	}
	if rv, ok := ot.RValueRandomness(); ok {
		s.Randomness, s.HasRandomness = rv.Unsigned(), true
	}
	return s
}

// plainThreshold reads ot=th:8 and the like, in which trailing zeros are left out.
func plainThreshold(raw string) (th uint64, ok bool) {
	const prefix, most = "ot=th:", sampling.NumHexDigits
	n := len(raw) - len(prefix)
	if n < 1 || n > most || raw[:len(prefix)] != prefix {
		return 0, false
	}
	for i := len(prefix); i < len(raw); i++ {
		switch c := raw[i]; {
		case c >= '0' && c <= '9':
			th = th<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			th = th<<4 | uint64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return th << (4 * (most - n)), true
}
