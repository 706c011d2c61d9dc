package smarttailsampling

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
)

// Config of the smart_tail_sampling processor. README.md has the table of options.
type Config struct {
	// Budget is how much may be kept; exactly one of its units.
	Budget BudgetConfig `mapstructure:"budget"`
	// Baseline is the share of the budget spread evenly over all traces, 0 to 1, so that estimates keep a bounded variance.
	Baseline float64 `mapstructure:"baseline"`
	// Completion says when a trace counts as complete.
	Completion CompletionConfig `mapstructure:"completion"`
	// Paths bounds and shapes what is learned per execution path.
	Paths PathsConfig `mapstructure:"paths"`
	// Interest splits the budget above the baseline between the signs of an interesting trace.
	Interest InterestConfig `mapstructure:"interest"`
	// Rules take the place of what was learned for the traces that match; the first match wins.
	Rules []RuleConfig `mapstructure:"rules"`
	// Memory bounds buffered spans and learned state.
	Memory MemoryConfig `mapstructure:"memory"`
	// DecisionCache remembers decisions for late spans.
	DecisionCache DecisionCacheConfig `mapstructure:"decision_cache"`
	// Randomness is what the decision depends on where a span states no rv: the low 56 bits of the "trace_id", a "hash" of it, or
	// "auto": the id where a span's flags say that it is random or where a threshold came in, and else a hash.
	Randomness string `mapstructure:"randomness"`
	// Journal keeps undecided and unsent traces on disk, so that they survive the end of the process.
	Journal configoptional.Optional[JournalConfig] `mapstructure:"journal"`
	// Storage names the storage extension that keeps what was learned, across restarts; nil: nothing does.
	Storage *component.ID `mapstructure:"storage"`
	// Console names the extension that serves what is known of decisions. Where there is only one it is found by itself.
	Console *component.ID `mapstructure:"console"`
	// DryRun decides and reports, and forwards everything unchanged.
	DryRun bool `mapstructure:"dry_run"`
	// Metrics are of all traces, kept or not. Only the connector has an output for them.
	Metrics configoptional.Optional[MetricsConfig] `mapstructure:"metrics"`
	// Attributes names what is set on the root span of a kept trace; an empty name switches one off.
	Attributes AttributesConfig `mapstructure:"attributes"`
}

// BudgetConfig is how much may be kept. Without any, percentage is 10.
type BudgetConfig struct {
	SpansPerSecond  *float64 `mapstructure:"spans_per_second"`
	TracesPerSecond *float64 `mapstructure:"traces_per_second"`
	BytesPerSecond  *float64 `mapstructure:"bytes_per_second"` // OTLP protobuf bytes of spans
	Percentage      *float64 `mapstructure:"percentage"`       // of the spans of the last 10 s, 0 to 100
}

// CompletionConfig says when a trace counts as complete.
type CompletionConfig struct {
	Target      float64       `mapstructure:"target"`
	InitialWait time.Duration `mapstructure:"initial_wait"`
	MinWait     time.Duration `mapstructure:"min_wait"`
	MaxWait     time.Duration `mapstructure:"max_wait"`
}

// PathsConfig bounds and shapes what is learned per path.
type PathsConfig struct {
	Max            int           `mapstructure:"max"`
	HalfLife       time.Duration `mapstructure:"half_life"`
	Attributes     []string      `mapstructure:"attributes"`
	NormalizeNames bool          `mapstructure:"normalize_names"`
}

// InterestConfig holds shares of the budget above the baseline, together at most 1; 0 switches a sign off. What one cannot use goes
// to the others in proportion.
type InterestConfig struct {
	Latency float64 `mapstructure:"latency"`
	Error   float64 `mapstructure:"error"`
	Rarity  float64 `mapstructure:"rarity"`
}

// RuleConfig matches a trace when one of its spans fulfils any of Span and its resource any of Resource (OTTL conditions;
// where one of the lists is empty the other decides), and the whole trace is as Trace wants it.
type RuleConfig struct {
	Name        string   `mapstructure:"name"`
	Action      string   `mapstructure:"action"`
	Weight      *float64 `mapstructure:"weight"`
	Probability *float64 `mapstructure:"probability"`
	Span        []string `mapstructure:"span"`
	Resource    []string `mapstructure:"resource"`
	// Trace is what the whole trace must be as well, when it is decided.
	Trace *TraceConfig `mapstructure:"trace"`
}

// TraceConfig is a condition on a whole trace; what is not set does not matter.
type TraceConfig struct {
	MinDuration time.Duration `mapstructure:"min_duration"` // earliest start to latest end
	MinSpans    int           `mapstructure:"min_spans"`
	Error       *bool         `mapstructure:"error"` // whether a span has an error
}

// MemoryConfig bounds memory.
type MemoryConfig struct {
	LimitMiB int64 `mapstructure:"limit_mib"`
}

// DecisionCacheConfig holds numbers of trace ids.
type DecisionCacheConfig struct {
	Kept    int `mapstructure:"kept"`
	Dropped int `mapstructure:"dropped"`
}

// JournalConfig says where the journal is and how much it may take.
type JournalConfig struct {
	// Directory is that of the journal alone; it is made where it is not there.
	Directory string `mapstructure:"directory"`
	// MaxMiB bounds the disk space.
	MaxMiB int64 `mapstructure:"max_mib"`
	// Fsync is whether spans are acknowledged only when the disk has them: then they survive the end of the machine, too.
	Fsync bool `mapstructure:"fsync"`
}

// MetricsConfig is how all traces are counted.
type MetricsConfig struct {
	// Interval is how often metrics are sent on.
	Interval time.Duration `mapstructure:"interval"`
	// Temporality is "cumulative", since the start of a series, or "delta", since the metrics before.
	Temporality string `mapstructure:"temporality"`
	// Expiration is after how long without a trace a path's series end. It does not matter where the temporality is delta.
	Expiration time.Duration `mapstructure:"expiration"`
	// Operations is whether spans are counted, too, by operation.
	Operations bool `mapstructure:"operations"`
	// Exemplars is how many kept traces are shown in a path's histogram each time.
	Exemplars int `mapstructure:"exemplars"`
	// MaxBuckets is how many buckets a histogram has at most.
	MaxBuckets int `mapstructure:"max_buckets"`
}

// AttributesConfig holds attribute names.
type AttributesConfig struct {
	Reason      string `mapstructure:"reason"`
	Path        string `mapstructure:"path"`
	Probability string `mapstructure:"probability"`
}

// Values of Randomness.
const (
	randomnessAuto    = "auto"
	randomnessTraceID = "trace_id"
	randomnessHash    = "hash"
)

// Values of MetricsConfig.Temporality.
const (
	temporalityCumulative = "cumulative"
	temporalityDelta      = "delta"
)

// Values of RuleConfig.Action.
const (
	actionKeep        = "keep"
	actionDrop        = "drop"
	actionWeight      = "weight"
	actionProbability = "probability"
)

var _ confmap.Validator = (*Config)(nil)
