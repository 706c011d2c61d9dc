package smarttailsampling

import (
	"fmt"
	"math"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/tailsampling"
)

// Validate reports all that is wrong at once.
func (c *Config) Validate() error {
	var p configerrors.List
	c.Budget.check(&p)
	inRange(&p, "baseline", c.Baseline, 0, 1)
	c.Completion.check(&p)
	c.Paths.check(&p)
	c.Interest.check(&p)
	checkRules(&p, c.Rules)
	if m := c.Metrics.Get(); m != nil {
		m.check(&p)
	}
	if c.Memory.LimitMiB < minMemoryMiB || c.Memory.LimitMiB > maxMemoryMiB {
		p.Add("memory::limit_mib: must be between %d and %d, got %d", minMemoryMiB, maxMemoryMiB, c.Memory.LimitMiB)
	}
	atLeastOne(&p, "decision_cache::kept", c.DecisionCache.Kept)
	atLeastOne(&p, "decision_cache::dropped", c.DecisionCache.Dropped)
	if c.Randomness != randomnessAuto && c.Randomness != randomnessTraceID && c.Randomness != randomnessHash {
		p.Add("randomness: must be %q, %q, or %q for trace ids that are not random, got %q", randomnessAuto, randomnessTraceID, randomnessHash, c.Randomness)
	}
	if j := c.Journal.Get(); j != nil {
		j.check(&p)
	}
	return p.Err()
}

const (
	minMemoryMiB = 16
	maxMemoryMiB = 1 << 20 // 1 TiB
	maxWeight    = 1e6
)

func (b *BudgetConfig) check(p *configerrors.List) {
	set := b.units()
	names := make([]string, 0, len(set))
	for _, u := range set {
		names = append(names, u.key)
		switch {
		case !(*u.value > 0) || math.IsInf(*u.value, 0):
			p.Add("budget::%s: must be positive, got %v", u.key, *u.value)
		case u.key == "percentage" && *u.value > 100:
			p.Add("budget::percentage: must be at most 100, got %v", *u.value)
		}
	}
	if len(set) > 1 {
		p.Add("budget: only one unit can be set, got %s; keep one of them", strings.Join(names, " and "))
	}
}

func (c *CompletionConfig) check(p *configerrors.List) {
	if !(c.Target > 0 && c.Target < 1) {
		p.Add("completion::target: must be more than 0 and less than 1, got %v; 0.999 waits until 99.9 %% of the spans are there", c.Target)
	}
	positive(p, "completion::min_wait", c.MinWait)
	positive(p, "completion::initial_wait", c.InitialWait)
	positive(p, "completion::max_wait", c.MaxWait)
	if c.MinWait > c.InitialWait {
		p.Add("completion::initial_wait: must be at least min_wait (%v), got %v%s", c.MinWait, c.InitialWait, withoutUnit(c.InitialWait))
	}
	if c.InitialWait > c.MaxWait {
		p.Add("completion::max_wait: must be at least initial_wait (%v), got %v%s", c.InitialWait, c.MaxWait, withoutUnit(c.MaxWait))
	}
}

func (c *PathsConfig) check(p *configerrors.List) {
	atLeastOne(p, "paths::max", c.Max)
	if c.HalfLife < time.Second {
		p.Add("paths::half_life: must be at least 1s, got %v%s", c.HalfLife, withoutUnit(c.HalfLife))
	}
	for i, a := range c.Attributes {
		if a == "" {
			p.Add("paths::attributes::%d: must be the name of a span or resource attribute, got an empty string", i)
		}
	}
}

func (c *InterestConfig) check(p *configerrors.List) {
	inRange(p, "interest::latency", c.Latency, 0, 1)
	inRange(p, "interest::error", c.Error, 0, 1)
	inRange(p, "interest::rarity", c.Rarity, 0, 1)
	const rounding = 1e-9
	if sum := c.Latency + c.Error + c.Rarity; max(c.Latency, c.Error, c.Rarity) <= 1 && sum > 1+rounding {
		p.Add("interest: latency, error and rarity are shares of the budget and add up to at most 1, got %v; "+
			"those that are not set are %v, %v and %v", math.Round(sum*1e6)/1e6,
			tailsampling.Defaults().Interest.Latency, tailsampling.Defaults().Interest.Error, tailsampling.Defaults().Interest.Rarity)
	}
}

func checkRules(p *configerrors.List, rules []RuleConfig) {
	seen := map[string]int{}
	whole := 0
	for i := range rules {
		r := &rules[i]
		at := fmt.Sprintf("rules::%d", i)
		if r.Name == "" {
			p.Add("%s::name: must be set; it becomes the reason rule:NAME on kept traces", at)
		} else if first, ok := seen[r.Name]; ok {
			p.Add("%s::name: %q is taken by rules::%d", at, r.Name, first)
		} else {
			seen[r.Name] = i
		}
		r.checkAction(p, at)
		if r.Trace != nil {
			whole++
			r.Trace.check(p, at+"::trace")
		}
		if len(r.Span) == 0 && len(r.Resource) == 0 && r.Trace == nil {
			p.Add("%s: needs a condition in span, resource or trace; to match every trace write span: ['true']", at)
		}
		if _, err := newCondition(at, r, componenttest.NewNopTelemetrySettings()); err != nil {
			p.Add("%w", err)
		}
	}
	if whole > tailsampling.MaxWhole {
		p.Add("rules: at most %d may have a condition on the whole trace, got %d", tailsampling.MaxWhole, whole)
	}
	if len(rules) > maxRules {
		p.Add("rules: at most %d, got %d", maxRules, len(rules))
	}
}

const maxRules = 1000

func (c *TraceConfig) check(p *configerrors.List, at string) {
	switch {
	case c.MinDuration < 0 || c.MinSpans < 0:
		p.Add("%s: min_duration and min_spans must not be negative, got %v and %d", at, c.MinDuration, c.MinSpans)
	case c.MinDuration == 0 && c.MinSpans == 0 && c.Error == nil:
		p.Add("%s: needs one of min_duration, min_spans and error", at)
	}
	if hint := withoutUnit(c.MinDuration); hint != "" {
		p.Add("%s::min_duration: must be at least 1ms, got %v%s", at, c.MinDuration, hint)
	}
}

func (r *RuleConfig) checkAction(p *configerrors.List, at string) {
	switch r.Action {
	case actionKeep, actionDrop, actionWeight, actionProbability:
	default:
		p.Add("%s::action: must be one of %s, %s, %s, %s, got %q", at, actionKeep, actionDrop, actionWeight, actionProbability, r.Action)
		return
	}
	r.checkValue(p, at, actionWeight, r.Weight, maxWeight)
	r.checkValue(p, at, actionProbability, r.Probability, 1)
}

// checkValue wants the value of an action exactly where the rule has that action.
func (r *RuleConfig) checkValue(p *configerrors.List, at, action string, value *float64, highest float64) {
	switch {
	case r.Action == action && value == nil:
		p.Add("%s::%s: must be set for action %s", at, action, action)
	case r.Action != action && value != nil:
		p.Add("%s::%s: has no meaning for action %s, got %v", at, action, r.Action, *value)
	case value != nil && !(*value > 0 && *value <= highest):
		p.Add("%s::%s: must be more than 0 and at most %v, got %v; to keep nothing use action: %s", at, action, highest, *value, actionDrop)
	}
}

func inRange(p *configerrors.List, key string, v, low, high float64) {
	if !(v >= low && v <= high) {
		p.Add("%s: must be between %v and %v, got %v", key, low, high, v)
	}
}

func positive(p *configerrors.List, key string, d time.Duration) {
	if d <= 0 {
		p.Add("%s: must be positive, got %v", key, d)
	} else if hint := withoutUnit(d); hint != "" && key == "completion::min_wait" {
		p.Add("%s: must be at least 1ms, got %v%s", key, d, hint)
	}
}

func atLeastOne(p *configerrors.List, key string, n int) {
	if n < 1 {
		p.Add("%s: must be at least 1, got %d", key, n)
	}
}
