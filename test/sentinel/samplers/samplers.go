// Package samplers is what an oracle is tried with: honest samplers, and ones that cheat.
package samplers

import (
	"math"
	"math/rand/v2"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/sampling"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Model is a sampler of the traces of a sentinel. It returns the adjusted count that a kept trace
// states, or 0 for one that it drops.
type Model func(r *rand.Rand, t *traffic.Trace) float64

// Honest keeps failing traces, and those longer than half a second, with probability strong, others with probability weak,
// by the randomness of the trace id, and says so.
func Honest(strong, weak float64) Model {
	return func(_ *rand.Rand, t *traffic.Trace) float64 {
		p := weak
		if t.Failed || t.Length.Milliseconds() > 500 {
			p = strong
		}
		th, err := sampling.ProbabilityToThreshold(p)
		if err != nil || !th.ShouldSample(sampling.TraceIDToRandomness(t.Sealed)) {
			return 0
		}
		return th.AdjustedCount()
	}
}

// Coin keeps every trace with the same probability, whatever is in it.
func Coin(p float64) Model { return Honest(p, p) }

// Forgetful is honest, but loses a share of what it has kept.
func Forgetful(of Model, share float64) Model {
	return func(r *rand.Rand, t *traffic.Trace) float64 {
		if r.Float64() < share {
			return 0
		}
		return of(r, t)
	}
}

// Boasting states an adjusted count that is too large, or too small, by a factor.
func Boasting(of Model, factor float64) Model {
	return func(r *rand.Rand, t *traffic.Trace) float64 {
		w := of(r, t)
		if w == 0 {
			return 0
		}
		return math.Max(1, w*factor)
	}
}

// Hiding drops every trace that begins at one entry, and is honest about the others.
func Hiding(of Model, entry string) Model {
	return func(r *rand.Rand, t *traffic.Trace) float64 {
		if t.Spans[0].Operation.Reference() == entry {
			return 0
		}
		return of(r, t)
	}
}
