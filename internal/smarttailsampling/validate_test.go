package smarttailsampling

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
)

// lines are the complaints about a configuration.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// rule is a valid rule with a change.
func rule(change func(*RuleConfig)) func(*Config) {
	return func(c *Config) {
		r := RuleConfig{Name: "r", Action: "keep", Span: []string{"true"}}
		change(&r)
		c.Rules = []RuleConfig{r}
	}
}

// Each complaint names the key, the value and what would be right.
func TestValidateSaysWhatIsWrong(t *testing.T) {
	cases := []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Budget.SpansPerSecond = ptr(0.0) }, "budget::spans_per_second: must be positive, got 0"},
		{func(c *Config) { c.Budget.TracesPerSecond = ptr(-5.0) }, "budget::traces_per_second: must be positive, got -5"},
		{func(c *Config) { c.Budget.BytesPerSecond = ptr(math.NaN()) }, "budget::bytes_per_second: must be positive, got NaN"},
		{func(c *Config) { c.Budget.BytesPerSecond = ptr(math.Inf(1)) }, "budget::bytes_per_second: must be positive, got +Inf"},
		{func(c *Config) { c.Budget.Percentage = ptr(0.0) }, "budget::percentage: must be positive, got 0"},
		{func(c *Config) { c.Budget.Percentage = ptr(101.0) }, "budget::percentage: must be at most 100, got 101"},
		{
			func(c *Config) { c.Budget = BudgetConfig{SpansPerSecond: ptr(1.0), Percentage: ptr(5.0)} },
			"budget: only one unit can be set, got spans_per_second and percentage; keep one of them",
		},
		{func(c *Config) { c.Baseline = -0.1 }, "baseline: must be between 0 and 1, got -0.1"},
		{func(c *Config) { c.Baseline = 1.5 }, "baseline: must be between 0 and 1, got 1.5"},
		{func(c *Config) { c.Baseline = math.NaN() }, "baseline: must be between 0 and 1, got NaN"},
		{
			func(c *Config) { c.Completion.Target = 1 },
			"completion::target: must be more than 0 and less than 1, got 1; 0.999 waits until 99.9 % of the spans are there",
		},
		{
			func(c *Config) { c.Completion.Target = 0 },
			"completion::target: must be more than 0 and less than 1, got 0; 0.999 waits until 99.9 % of the spans are there",
		},
		{func(c *Config) { c.Completion.MinWait = 0 }, "completion::min_wait: must be positive, got 0s"},
		{func(c *Config) { c.Completion.InitialWait = 50 * time.Millisecond }, "completion::initial_wait: must be at least min_wait (100ms), got 50ms"},
		{func(c *Config) { c.Completion.MaxWait = time.Second }, "completion::max_wait: must be at least initial_wait (10s), got 1s"},
		{func(c *Config) { c.Paths.Max = 0 }, "paths::max: must be at least 1, got 0"},
		{func(c *Config) { c.Paths.HalfLife = time.Millisecond }, "paths::half_life: must be at least 1s, got 1ms"},
		{
			func(c *Config) { c.Paths.Attributes = []string{"a", ""} },
			"paths::attributes::1: must be the name of a span or resource attribute, got an empty string",
		},
		{func(c *Config) { c.Interest.Latency = -1 }, "interest::latency: must be between 0 and 1, got -1"},
		{
			func(c *Config) { c.Interest.Latency = 0.8 },
			"interest: latency, error and rarity are shares of the budget and add up to at most 1, got 1.25; those that are not set are 0.55, 0.35 and 0.1",
		},
		{func(c *Config) { c.Interest.Error = 11 }, "interest::error: must be between 0 and 1, got 11"},
		{func(c *Config) { c.Interest.Rarity = math.NaN() }, "interest::rarity: must be between 0 and 1, got NaN"},
		{func(c *Config) { c.Memory.LimitMiB = 15 }, "memory::limit_mib: must be between 16 and 1048576, got 15"},
		{func(c *Config) { c.Memory.LimitMiB = 1 << 44 }, "memory::limit_mib: must be between 16 and 1048576, got 17592186044416"},
		{func(c *Config) { c.DecisionCache.Kept = 0 }, "decision_cache::kept: must be at least 1, got 0"},
		{func(c *Config) { c.DecisionCache.Dropped = -1 }, "decision_cache::dropped: must be at least 1, got -1"},
		{
			func(c *Config) { c.Randomness = "Hash" },
			`randomness: must be "auto", "trace_id", or "hash" for trace ids that are not random, got "Hash"`,
		},
		{
			func(c *Config) { c.Randomness = "" },
			`randomness: must be "auto", "trace_id", or "hash" for trace ids that are not random, got ""`,
		},
		{rule(func(r *RuleConfig) { r.Name = "" }), "rules::0::name: must be set; it becomes the reason rule:NAME on kept traces"},
		{
			func(c *Config) {
				r := RuleConfig{Name: "twice", Action: "keep", Span: []string{"true"}}
				c.Rules = []RuleConfig{r, r}
			},
			`rules::1::name: "twice" is taken by rules::0`,
		},
		{rule(func(r *RuleConfig) { r.Action = "" }), `rules::0::action: must be one of keep, drop, weight, probability, got ""`},
		{rule(func(r *RuleConfig) { r.Action = "sample" }), `rules::0::action: must be one of keep, drop, weight, probability, got "sample"`},
		{rule(func(r *RuleConfig) { r.Action = "weight" }), "rules::0::weight: must be set for action weight"},
		{rule(func(r *RuleConfig) { r.Action = "probability" }), "rules::0::probability: must be set for action probability"},
		{rule(func(r *RuleConfig) { r.Weight = ptr(2.0) }), "rules::0::weight: has no meaning for action keep, got 2"},
		{rule(func(r *RuleConfig) { r.Probability = ptr(0.5) }), "rules::0::probability: has no meaning for action keep, got 0.5"},
		{
			rule(func(r *RuleConfig) { r.Action, r.Probability = "probability", ptr(1.5) }),
			"rules::0::probability: must be more than 0 and at most 1, got 1.5; to keep nothing use action: drop",
		},
		{
			rule(func(r *RuleConfig) { r.Action, r.Probability = "probability", ptr(0.0) }),
			"rules::0::probability: must be more than 0 and at most 1, got 0; to keep nothing use action: drop",
		},
		{
			rule(func(r *RuleConfig) { r.Action, r.Weight = "weight", ptr(-1.0) }),
			"rules::0::weight: must be more than 0 and at most 1e+06, got -1; to keep nothing use action: drop",
		},
		{
			rule(func(r *RuleConfig) { r.Span = nil }),
			"rules::0: needs a condition in span, resource or trace; to match every trace write span: ['true']",
		},
		{
			func(c *Config) { c.Journal = configoptional.Some(JournalConfig{Directory: "/var/lib/journal"}) },
			"journal::max_mib: must be between 16 and 1048576, got 0",
		},
		{
			func(c *Config) { c.Journal = configoptional.Some(JournalConfig{MaxMiB: 64}) },
			"journal::directory: must be set, such as /var/lib/otelcol-assay/journal",
		},
		{
			func(c *Config) { c.Journal = configoptional.Some(JournalConfig{Directory: "journal", MaxMiB: 64}) },
			`journal::directory: must be an absolute path, got "journal": what it is relative to changes with how the collector is started`,
		},
	}
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			assert.Equal(t, []string{c.want}, lines(changed(c.change).Validate()))
		})
	}
}

// Conditions are compiled when a configuration is validated, not when the collector starts. What follows is OTTL's own words.
func TestValidateCompilesConditions(t *testing.T) {
	for _, c := range []struct {
		change func(*RuleConfig)
		want   string
	}{
		{func(r *RuleConfig) { r.Span = []string{"true", `name = "x"`} }, `rules::0::span::1: "name = \"x\"" is not an OTTL condition: `},
		{func(r *RuleConfig) { r.Span = []string{"no_such_field == 1"} }, `rules::0::span::0: "no_such_field == 1" is not an OTTL condition: `},
		{func(r *RuleConfig) { r.Span = []string{`NoSuchFunction(name)`} }, `rules::0::span::0: "NoSuchFunction(name)" is not an OTTL condition: `},
		{func(r *RuleConfig) { r.Span = []string{""} }, `rules::0::span::0: "" is not an OTTL condition: `},
		{func(r *RuleConfig) { r.Resource = []string{`name == "x"`} }, `rules::0::resource::0: "name == \"x\"" is not an OTTL condition: `},
	} {
		t.Run(c.want, func(t *testing.T) {
			err := changed(rule(c.change)).Validate()
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), c.want), err.Error())
		})
	}
}

// All that is wrong is said at once.
func TestValidateReportsEverything(t *testing.T) {
	c := changed(func(c *Config) {
		c.Budget = BudgetConfig{SpansPerSecond: ptr(-1.0), BytesPerSecond: ptr(1.0)}
		c.Baseline = 2
		c.Completion = CompletionConfig{Target: 2, InitialWait: -1, MinWait: time.Second, MaxWait: -2}
		c.Paths = PathsConfig{}
		c.Interest = InterestConfig{Latency: -1, Error: -1, Rarity: -1}
		c.Rules = []RuleConfig{{}, {Name: "b", Action: "weight", Span: []string{"("}, Resource: []string{"("}}}
		c.Memory, c.DecisionCache = MemoryConfig{}, DecisionCacheConfig{}
		c.Randomness = "x"
		c.Journal = configoptional.Some(JournalConfig{})
	})
	got := strings.Join(lines(c.Validate()), "\n")
	for _, key := range []string{
		"budget::spans_per_second:", "budget: only one unit", "baseline:", "completion::target:", "completion::initial_wait: must be positive",
		"completion::max_wait: must be positive", "completion::initial_wait: must be at least", "completion::max_wait: must be at least",
		"paths::max:", "paths::half_life:", "interest::latency:", "interest::error:", "interest::rarity:", "rules::0::name:", "rules::0::action:",
		"rules::0: needs", "rules::1::weight:", "rules::1::span::0:", "rules::1::resource::0:", "memory::limit_mib:", "decision_cache::kept:",
		"decision_cache::dropped:", "randomness:", "journal::directory:", "journal::max_mib:",
	} {
		assert.Contains(t, "\n"+got, "\n"+key)
	}
}

func TestValidateBoundsTheRules(t *testing.T) {
	c := changed(func(c *Config) {
		for i := range 1001 {
			c.Rules = append(c.Rules, RuleConfig{Name: strconv.Itoa(i), Action: "keep", Span: []string{"true"}})
		}
	})
	assert.Equal(t, []string{"rules: at most 1000, got 1001"}, lines(c.Validate()))
}

// What the collector's own loading refuses: unknown keys, wrong types; and a section without what it needs.
func TestLoadingRefuses(t *testing.T) {
	for yaml, want := range map[string]string{
		"bugdet: {percentage: 5}":             "'smarttailsampling.Config' has invalid keys: bugdet",
		"budget: {spans_per_minute: 5}":       "'budget' has invalid keys: spans_per_minute",
		"completion: {max_wait: soon}":        "completion.max_wait",
		"rules: [{name: a, acton: keep}]":     "'rules[0]' has invalid keys: acton",
		"memory: {limit_mib: lots}":           "memory.limit_mib",
		"journal: {max_mib: 100}":             "journal::directory: must be set",
		"budget: {percentage: 5, percentage:": "",
	} {
		t.Run(yaml, func(t *testing.T) {
			err := load(yaml)
			require.Error(t, err)
			assert.Contains(t, err.Error(), want)
		})
	}
	require.NoError(t, load("budget: {percentage: 5}"))
}

// load reads and validates a configuration as the collector does.
func load(yaml string) error {
	r, err := confmap.NewRetrievedFromYAML([]byte(yaml))
	if err != nil {
		return err
	}
	conf, err := r.AsConf()
	if err != nil {
		return err
	}
	c := DefaultConfig()
	return errors.Join(conf.Unmarshal(c), confmap.Validate(c))
}
