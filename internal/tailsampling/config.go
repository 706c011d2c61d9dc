package tailsampling

import (
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
)

// Unit is what a budget counts.
type Unit uint8

// The units of a budget.
const (
	SharePercent Unit = iota // spans, as a percentage of those that come up for decision
	SpansPerSecond
	TracesPerSecond
	BytesPerSecond // OTLP protobuf bytes of spans
)

// Budget is how much may be kept.
type Budget struct {
	Unit  Unit
	Value float64
}

// Completion says when a trace counts as complete.
type Completion struct {
	Target      float64       // share of spans that must be there when their trace is decided, in (0, 1)
	InitialWait time.Duration // quiet time before a decision while nothing is known about a shape
	MinWait     time.Duration // quiet time before any decision
	MaxWait     time.Duration // age at which a trace is decided in any case
}

// Paths bounds and shapes what is learned per path.
type Paths struct {
	Max            int // paths, operations and endpoints each
	HalfLife       time.Duration
	Attributes     []string // span or resource attributes that tell operations apart
	NormalizeNames bool
}

// Interest is the share of the budget above the baseline that each sign of an interesting trace has to itself; 0 switches it off.
// What one cannot use, and what is not given to any, goes to the others in proportion.
type Interest struct {
	Latency, Error, Rarity float64
}

// Action is what a rule does with the traces that match it.
type Action uint8

// The actions of a rule.
const (
	Drop Action = iota
	Keep
	Weight
	Probability
)

// Rule is one rule, named. Value is the weight or probability of the actions of that name.
type Rule struct {
	Name   string
	Action Action
	Value  float64
	Whole  *Whole // what the whole trace must be; nil: that one of its spans matches is enough
}

// Whole is a condition on a whole trace, as it stands when it is decided.
type Whole struct {
	MinDuration time.Duration // earliest start to latest end
	MinSpans    int
	Errors      *bool // nil: does not matter; else whether a span has an error
}

func (w *Whole) holds(duration uint64, spans, errors int) bool {
	return duration >= uint64(w.MinDuration) && spans >= w.MinSpans && (w.Errors == nil || *w.Errors == (errors > 0))
}

// MaxWhole is how many rules may have a condition on the whole trace.
const MaxWhole = 64

// DropPrefix begins the reason of a trace that a rule drops; the rule's name follows.
const DropPrefix = "drop:"

// Reason is how decisions name the rule. What a rule drops has a name of its own: no kept trace stands for it.
func (r Rule) Reason() string {
	if r.Action == Drop {
		return DropPrefix + r.Name
	}
	return "rule:" + r.Name
}

// SpanCounter counts spans as they arrive: all but those with an invalid trace id, also late ones of traces that were dropped. It is called
// concurrently.
type SpanCounter interface {
	Count(op tracesketch.Operation, failed bool, took time.Duration)
}

// Matcher finds the first rule that a span matches. It is called concurrently.
type Matcher interface {
	// Match returns the index of the first matching rule, or -1.
	Match(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) int
}

// WholeMatcher is a Matcher with rules on the whole trace. Its Match leaves them out.
type WholeMatcher interface {
	Matcher
	// MatchWhole returns which of the rules on the whole trace, counted in their order, the span matches: bit n for the n-th.
	MatchWhole(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) uint64
}

// Marks names the attributes set on the root span of a kept trace; an empty name switches one off.
type Marks struct {
	Reason, Path, Probability string
}

// Config is a valid configuration of an Engine.
type Config struct {
	Budget     Budget
	Baseline   float64 // share of the budget spread evenly over all traces, [0, 1]
	Completion Completion
	Paths      Paths
	Interest   Interest
	Rules      []Rule
	Matcher    Matcher     // nil without rules
	Spans      SpanCounter // nil where spans are not counted

	MemoryLimit  int64 // bytes: buffered spans and learned state
	KeptCache    int   // trace ids
	DroppedCache int   // trace ids

	HashRandomness  bool // derive randomness from a hash of the trace id where neither rv nor th is given
	TrustRandomFlag bool // but take the id as it is where a span carries the W3C random flag
	DryRun          bool
	Marks           Marks

	Shards int // 0: by the number of processors
}

// Fixed intervals of the engine.
const (
	tickInterval   = 10 * time.Millisecond  // resolution of the timing wheel
	selectInterval = 100 * time.Millisecond // due traces are collected this long
	maxCollect     = time.Second            // and at most this long, where the budget holds less than a trace
)
