package tailsampling

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// trace is a trace between its first span and its release. It holds no pointers, so that the garbage collector does not
// look into the table of them. Times count from the engine's start. The shard's lock guards it.
type trace struct {
	id        pcommon.TraceID
	spans     tracebuffer.Trace
	firstSeen time.Duration
	lastSeen  time.Duration
	deadline  int64  // wheel tick
	wire      uint64 // OTLP bytes, counted only for a budget in bytes
	threshold uint64 // strictest that came in; that of the kept trace for late spans
	rv        uint64 // explicit randomness, the lowest that came in, if hasRV
	slot      uint32
	slotNext  uint32
	slotPrev  uint32
	older     uint32 // neighbours in order of arrival
	newer     uint32
	shape     uint32 // gap class that is being watched for the next span, none if none
	whole     uint64 // rules on the whole trace that its spans match
	rule      int16  // lowest other rule that matched, noRule if none
	flags     traceFlags
}

const noRule = int16(-1)

type traceFlags uint32

const (
	onWheel       traceFlags = 1 << iota
	due                      // decided to be complete, waits for selection
	settled                  // quiet and judged; the deadline on the wheel is that of the decision
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
	if s.hasTH {
		if t.has(hasTH) && s.threshold != t.threshold || t.has(lacksTH) && s.threshold != 0 {
			t.set(mixedTH)
		}
	} else {
		t.noteUnsampled()
	}
	if t.has(due) {
		return
	}
	if s.hasTH {
		t.set(hasTH)
		t.threshold = max(t.threshold, s.threshold)
	}
	if s.hasRV {
		t.noteRandomness(s.randomness)
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
		return hashedRandomness(t.id), true
	}
	return traceIDRandomness(t.id), false
}

// mark is what the spans of a kept trace are to say.
func (t *trace) mark() otMark {
	r := traceIDRandomness(t.id)
	switch {
	case t.has(hasRV):
		r = t.rv
	case t.has(hashedRV):
		r = hashedRandomness(t.id)
	}
	return otMark{threshold: t.threshold, randomness: r, stated: t.has(hasRV | hashedRV), none: t.has(contradiction)}
}

// marked tells whether every span of the trace carries a threshold that says the truth about all of it.
func (t *trace) marked() bool { return !t.has(brokenState | mixedTH | mixedRV | contradiction) }

// ruleOf is the first rule that a trace matches.
func (e *Engine) ruleOf(t *trace, duration uint64, errors int) int16 {
	for n, i := range e.wholeRules {
		if t.rule >= 0 && t.rule < i {
			break
		}
		if t.whole>>n&1 == 1 && e.cfg.Rules[i].Whole.holds(duration, t.spans.Spans(), errors) {
			return i
		}
	}
	return t.rule
}

// traceTable stores traces by index; indices are reused. Pages never move, so that pointers stay valid while it grows.
type traceTable struct {
	pages [][]trace
	free  []uint32
	used  int
}

const (
	tracePageBits = 9
	tracePage     = 1 << tracePageBits
	traceBytes    = 192 // of memory a trace takes, with its share of the index
)

func (t *traceTable) at(i uint32) *trace {
	return &t.pages[i>>tracePageBits][i&(tracePage-1)]
}

func (t *traceTable) take() uint32 {
	if len(t.free) == 0 {
		base := uint32(len(t.pages)) << tracePageBits
		t.pages = append(t.pages, make([]trace, tracePage))
		for i := uint32(tracePage); i > 0; i-- {
			t.free = append(t.free, base+i-1)
		}
	}
	i := t.free[len(t.free)-1]
	t.free = t.free[:len(t.free)-1]
	t.used++
	return i
}

func (t *traceTable) give(i uint32) {
	*t.at(i) = trace{}
	t.free = append(t.free, i)
	t.used--
	if t.used == 0 && len(t.pages) > 1 { // a burst has passed
		t.pages, t.free = nil, nil
	}
}

func (t *traceTable) bytes() int64 {
	return int64(len(t.pages)) * tracePage * traceBytes
}
