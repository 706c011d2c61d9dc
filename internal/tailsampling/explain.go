package tailsampling

import (
	"context"
	"math"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracestate"
)

// Fate is what is known of a trace.
type Fate string

// The fates of a trace.
const (
	FateOpen       Fate = "open"       // it is held and not decided yet
	FateDecided    Fate = "decided"    // and it is known why
	FateRemembered Fate = "remembered" // it was decided; of the reasons nothing is left
	FateUnknown    Fate = "unknown"    // it never came here, or so long ago that it is forgotten
)

// Explanation says what became of a trace, and why.
type Explanation struct {
	Fate Fate
	// Reasons are there from LoggedSince on, the outcome alone from RememberedSince on.
	LoggedSince, RememberedSince time.Time

	Open     *OpenTrace  // with FateOpen
	Decided  *Reasons    // with FateDecided
	Outcome  *Outcome    // with FateDecided and FateRemembered
	Path     *PathReport // of the path as it is usual now; with FateDecided, nil where it has been forgotten
	LateOpen int         // spans that came after the decision and are held
}

// OpenTrace is a trace that is held.
type OpenTrace struct {
	FirstSeen, LastSeen time.Time
	Spans               int
	Complete            bool // the root is in and no parent is missing
	Latest              time.Time
}

// Outcome is what the sampler did with a trace.
type Outcome struct {
	Kept       bool
	DryRun     bool      // it was forwarded whatever was decided
	LastSpan   time.Time // arrival of the last span before the decision
	Threshold  uint64    // composed with incoming thresholds, of 2^56; kept exactly if Randomness is not below
	Randomness uint64    // of 2^56
}

// Reasons are what a decision rested on. Weight and Cutoff are in units in which a single sign that is reason enough by itself weighs 1.
type Reasons struct {
	Decision
	Endpoint OperationName
	At       time.Time
	Errors   int     // spans with an error
	Incoming uint64  // threshold with which the trace came in, of 2^56
	Baseline float64 // probability that it had whatever its interest: the baseline, or that of a rule
	Weight   float64
	Cutoff   float64 // weight from which a trace was kept for certain; +Inf where the budget held only the baseline
	Signs    []Sign
	Excess   time.Duration // exclusive time beyond what is slow for the operations
}

// Sign is what a trace showed, in multiples of the excess that is not yet remarkable (latency), or in bits of surprise (error, rarity).
type Sign struct {
	Name      string
	Strength  float64
	Enough    float64 // from which it alone was reason enough; +Inf where no part of the budget was for it, also as no trace has shown it of late
	Operation OperationName
}

// Explain says what became of a trace.
func (e *Engine) Explain(ctx context.Context, id pcommon.TraceID) (Explanation, error) {
	var x Explanation
	err := e.ask(ctx, func(d *decider) { x = d.explain(id, &e.intake.operations) })
	return x, err
}

func (d *decider) explain(id pcommon.TraceID, names *operations) Explanation {
	x := Explanation{Fate: FateUnknown, LoggedSince: d.at(d.log.since())}
	d.lookUp(&x, id)
	found := d.log.find(id)
	if found == nil || x.Fate == FateOpen {
		return x
	}
	x.Fate = FateDecided
	x.Outcome = &Outcome{Kept: found.kept, DryRun: d.cfg.DryRun, LastSpan: d.at(found.arrived), Threshold: found.threshold, Randomness: found.randomness}
	x.Decided = d.reasons(found, names)
	if p := d.learned.paths[found.path]; p != nil {
		report := d.pathReport(found.path, p, names)
		x.Path = &report
	}
	return x
}

// lookUp asks the shard: is the trace held, or remembered?
func (d *decider) lookUp(x *Explanation, id pcommon.TraceID) {
	s := d.shards[d.shardOf(id)]
	s.Lock()
	defer s.Unlock()
	x.RememberedSince = d.at(max(s.kept.since, s.dropped.since))
	if i, ok := s.Traces.Find(id); ok {
		t := s.Traces.At(i)
		if !t.has(lateSpans) {
			st := d.analyze(s, t)
			x.Fate = FateOpen
			x.Open = &OpenTrace{
				FirstSeen: d.at(t.firstSeen), LastSeen: d.at(t.LastSeen), Spans: t.Spans.Spans(), Complete: st.Complete(),
				Latest: d.at(t.firstSeen + d.cfg.Completion.MaxWait),
			}
			return
		}
		x.LateOpen = t.Spans.Spans()
	}
	key := d.key(id)
	v, kept := s.kept.get(key)
	if !kept {
		var dropped bool
		if v, dropped = s.dropped.get(key); !dropped {
			return
		}
	}
	x.Fate = FateRemembered
	x.Outcome = &Outcome{Kept: v.flags&verdictDropped == 0, DryRun: d.cfg.DryRun, LastSpan: d.at(v.last), Threshold: v.threshold, Randomness: tracestate.IDRandomness(id)}
	switch {
	case v.flags&verdictRV != 0:
		x.Outcome.Randomness = v.randomness
	case v.flags&verdictHashedRV != 0:
		x.Outcome.Randomness = hashedRandomness(id)
	}
}

func (d *decider) reasons(e *logged, names *operations) *Reasons {
	r := &Reasons{
		Decision: d.decision(e), At: d.at(e.decided), Errors: int(e.errors), Incoming: e.incoming, Baseline: float64(e.floor),
		Weight: float64(e.weight), Cutoff: float64(e.cutoff), Excess: time.Duration(e.evidence.excess),
	}
	r.Endpoint, _ = names.name(e.endpoint)
	for k := range signCount {
		s := Sign{Name: k.String(), Strength: float64(e.evidence.strength[k]), Enough: float64(e.cutoffs[k])}
		switch k {
		case signLatency:
			s.Operation, _ = names.name(e.evidence.slowest)
		case signError:
			s.Operation, _ = names.name(e.evidence.failed)
		}
		r.Signs = append(r.Signs, s)
	}
	return r
}

// at is a moment of the engine's clock as a time of the day.
func (d *decider) at(moment time.Duration) time.Time {
	return d.clock.Wall().Add(min(moment, math.MaxInt64) - d.clock.Now())
}
