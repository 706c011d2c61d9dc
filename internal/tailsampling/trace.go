package tailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/traceassembly"
	"github.com/assayhq/assay/internal/tracestate"
)

// trace is a trace between its first span and its release. It holds no pointers, so that the garbage collector does not
// look into the table of them. Times count from the engine's start. The shard's lock guards it.
type trace struct {
	traceassembly.Trace
	firstSeen time.Duration
	deadline  int64  // wheel tick
	wire      uint64 // OTLP bytes, counted only for a budget in bytes
	threshold uint64 // strictest that came in; that of the kept trace for late spans
	rv        uint64 // explicit randomness, the lowest that came in, if hasRV
	slot      uint32
	slotNext  uint32
	slotPrev  uint32
	shape     uint32 // gap class that is being watched for the next span, none if none
	whole     uint64 // rules on the whole trace that its spans match
	rule      int16  // lowest other rule that matched, noRule if none
	flags     traceFlags
	written   written // what of it is in the journal
}

const noRule = int16(-1)

type traceFlags uint32

const (
	onWheel       traceFlags = 1 << iota
	due                      // decided to be complete, waits for selection
	quiet                    // and judged; the deadline on the wheel is that of the decision
	lateSpans                // a follow-up of a kept trace
	hasTH                    // some span came with a threshold
	lacksTH                  // some span came without one
	mixedTH                  // thresholds differ
	hasRV                    // explicit randomness
	mixedRV                  // and more than one
	hashedRV                 // randomness derived from a hash of the id, to be written
	brokenState              // a tracestate that cannot be parsed
	contradiction            // randomness below the incoming threshold
	randomID                 // a span says by its flags that the id is random
	shadow                   // late in a dry run, and its trace would have been dropped
	manyNumbers              // is in the journal under more than one number
)

func (t *trace) has(f traceFlags) bool { return t.flags&f != 0 }
func (t *trace) set(f traceFlags)      { t.flags |= f }
func (t *trace) clear(f traceFlags)    { t.flags &^= f }

// note takes in what a span's tracestate says. Once the trace is judged, thresholds only spoil the mark.
func (t *trace) note(s sampled) {
	if s.broken {
		t.set(brokenState)
	}
	if t.has(lateSpans) { // it follows what was decided
		return
	}
	if s.HasThreshold {
		if t.has(hasTH) && s.Threshold != t.threshold || t.has(lacksTH) && s.Threshold != 0 {
			t.set(mixedTH)
		}
	} else {
		t.noteUnsampled()
	}
	if t.has(due) {
		return
	}
	if s.HasThreshold {
		t.set(hasTH)
		t.threshold = max(t.threshold, s.Threshold)
	}
	if s.HasRandomness {
		t.noteRandomness(s.Randomness)
	}
}

// noteRandomness keeps the lowest, so that the order of arrival does not matter and no span is below the threshold.
func (t *trace) noteRandomness(rv uint64) {
	if !t.has(hasRV) {
		t.set(hasRV)
		t.rv = rv
	} else if rv != t.rv {
		t.set(mixedRV)
		t.rv = min(t.rv, rv)
	}
}

// noteUnsampled takes in a span without a threshold.
func (t *trace) noteUnsampled() {
	if t.has(hasTH) && t.threshold != 0 {
		t.set(mixedTH)
	}
	t.set(lacksTH)
}

// resume makes t a follow-up of a kept trace.
func (t *trace) resume(v verdict) {
	t.set(lateSpans)
	t.threshold = v.threshold
	if v.flags&verdictErased != 0 {
		t.set(contradiction)
	}
	if v.flags&verdictHashedRV != 0 {
		t.set(hashedRV)
	}
	if v.flags&verdictRV != 0 {
		t.set(hasRV)
		t.rv = v.randomness
	}
	if v.flags&verdictDropped != 0 {
		t.set(shadow)
	}
}

// randomness is what the sampling of the trace depends on, and whether it was derived from a hash here.
func (t *trace) randomness(cfg *Config) (r uint64, hashed bool) {
	switch {
	case t.has(hasRV):
		return t.rv, false
	case cfg.HashRandomness && !t.has(hasTH) && (!cfg.TrustRandomFlag || !t.has(randomID)): // replacing randomness under an incoming threshold would be wrong
		return hashedRandomness(t.ID), true
	}
	return tracestate.IDRandomness(t.ID), false
}

// mark is what the spans of a kept trace are to say.
func (t *trace) mark() otMark {
	r := tracestate.IDRandomness(t.ID)
	switch {
	case t.has(hasRV):
		r = t.rv
	case t.has(hashedRV):
		r = hashedRandomness(t.ID)
	}
	return otMark{threshold: t.threshold, randomness: r, stated: t.has(hasRV | hashedRV), none: t.has(contradiction)}
}

// marked tells whether every span of the trace carries a threshold that says the truth about all of it.
func (t *trace) marked() bool { return !t.has(brokenState | mixedTH | mixedRV | contradiction) }
