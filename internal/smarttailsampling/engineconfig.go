package smarttailsampling

import (
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/assayhq/assay/internal/tailsampling"
)

// DefaultConfig takes every default from the engine, but for randomness: the engine takes ids as they are.
func DefaultConfig() *Config {
	d := tailsampling.Defaults()
	return &Config{
		Baseline: d.Baseline,
		Completion: CompletionConfig{
			Target: d.Completion.Target, InitialWait: d.Completion.InitialWait,
			MinWait: d.Completion.MinWait, MaxWait: d.Completion.MaxWait,
		},
		Paths:         PathsConfig{Max: d.Paths.Max, HalfLife: d.Paths.HalfLife, NormalizeNames: d.Paths.NormalizeNames},
		Interest:      InterestConfig{Latency: d.Interest.Latency, Error: d.Interest.Error, Rarity: d.Interest.Rarity},
		Memory:        MemoryConfig{LimitMiB: d.MemoryLimit >> 20},
		DecisionCache: DecisionCacheConfig{Kept: d.KeptCache, Dropped: d.DroppedCache},
		Randomness:    randomnessAuto,
		Metrics:       configoptional.Default(DefaultMetrics()),
		Journal:       configoptional.Default(JournalConfig{MaxMiB: 4096}),
		Attributes:    AttributesConfig{Reason: d.Marks.Reason, Path: d.Marks.Path, Probability: d.Marks.Probability},
	}
}

// Engine translates a valid configuration for the engine. set is for the OTTL of the rules; failed, where not nil, is told
// of conditions that fail to evaluate.
func (c *Config) Engine(set component.TelemetrySettings, failed func(error)) (tailsampling.Config, error) {
	e := tailsampling.Defaults()
	if u := c.Budget.units(); len(u) > 0 {
		e.Budget = tailsampling.Budget{Unit: u[0].unit, Value: *u[0].value}
	}
	e.Baseline = c.Baseline
	e.Completion = tailsampling.Completion(c.Completion)
	e.Paths = tailsampling.Paths(c.Paths)
	e.Interest = tailsampling.Interest(c.Interest)
	e.MemoryLimit = c.Memory.LimitMiB << 20
	e.KeptCache, e.DroppedCache = c.DecisionCache.Kept, c.DecisionCache.Dropped
	e.HashRandomness = c.Randomness != randomnessTraceID
	e.TrustRandomFlag = c.Randomness == randomnessAuto
	e.DryRun = c.DryRun
	e.Marks = tailsampling.Marks(c.Attributes)
	m, err := newMatcher(c.Rules, set, failed)
	if err != nil {
		return e, err
	}
	if m != nil {
		e.Matcher, e.Rules = m, m.rules
	}
	return e, nil
}

// unitValue is a unit of the budget that is set.
type unitValue struct {
	key   string
	unit  tailsampling.Unit
	value *float64
}

func (b *BudgetConfig) units() []unitValue {
	all := []unitValue{
		{"spans_per_second", tailsampling.SpansPerSecond, b.SpansPerSecond},
		{"traces_per_second", tailsampling.TracesPerSecond, b.TracesPerSecond},
		{"bytes_per_second", tailsampling.BytesPerSecond, b.BytesPerSecond},
		{"percentage", tailsampling.SharePercent, b.Percentage},
	}
	set := all[:0]
	for _, u := range all {
		if u.value != nil {
			set = append(set, u)
		}
	}
	return set
}
