package smarttailsampling

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/spancondition"
	"github.com/assayhq/assay/internal/tailsampling"
)

// condition is the compiled conditions of one rule.
type condition struct {
	span     []spancondition.Condition[spancondition.Span]
	resource []spancondition.Condition[spancondition.Resource]
}

// newCondition compiles a rule. Each error names its key, which begins with at, that of the rule.
func newCondition(at string, r *RuleConfig, set component.TelemetrySettings) (condition, error) {
	var c condition
	var errs error
	spans, err := spancondition.NewSpanParser(set, spancondition.IsRootSpan()) // as in the conditions of tail_sampling
	if err != nil {
		return c, err
	}
	resources, err := spancondition.NewResourceParser(set)
	if err != nil {
		return c, err
	}
	c.span, err = parseAll(at+"::span", r.Span, spans)
	errs = errors.Join(errs, err)
	c.resource, err = parseAll(at+"::resource", r.Resource, resources)
	return c, errors.Join(errs, err)
}

func parseAll[S spancondition.Subject](key string, conditions []string, p *spancondition.Parser[S]) ([]spancondition.Condition[S], error) {
	var out []spancondition.Condition[S]
	var errs error
	for i, s := range conditions {
		c, err := p.Parse(s)
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("%s::%d: %q is not an OTTL condition: %w", key, i, s, err))
			continue
		}
		out = append(out, c)
	}
	return out, errs
}

// matcher implements tailsampling.WholeMatcher.
type matcher struct {
	rules      []tailsampling.Rule
	conditions []condition
	failed     func(error)
}

var _ tailsampling.WholeMatcher = (*matcher)(nil)

// newMatcher returns nil without rules.
func newMatcher(rules []RuleConfig, set component.TelemetrySettings, failed func(error)) (*matcher, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	if failed == nil {
		failed = func(error) {}
	}
	m := &matcher{failed: failed}
	for i := range rules {
		c, err := newCondition(fmt.Sprintf("rules::%d", i), &rules[i], set)
		if err != nil {
			return nil, err
		}
		m.conditions = append(m.conditions, c)
		m.rules = append(m.rules, rules[i].engineRule())
	}
	return m, nil
}

func (r *RuleConfig) engineRule() tailsampling.Rule {
	out := tailsampling.Rule{Name: r.Name}
	if t := r.Trace; t != nil {
		out.Whole = &tailsampling.Whole{MinDuration: t.MinDuration, MinSpans: t.MinSpans, Errors: t.Error}
	}
	switch r.Action {
	case actionKeep:
		out.Action = tailsampling.Keep
	case actionDrop:
		out.Action = tailsampling.Drop
	case actionWeight:
		out.Action, out.Value = tailsampling.Weight, *r.Weight
	case actionProbability:
		out.Action, out.Value = tailsampling.Probability, *r.Probability
	}
	return out
}

// Match implements tailsampling.Matcher. A condition that fails to evaluate does not match.
func (m *matcher) Match(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) int {
	st := spancondition.OfSpan(rs, ss, span)
	defer st.Close()
	rt := spancondition.OfResource(rs)
	defer rt.Close()
	for i := range m.conditions {
		c := &m.conditions[i]
		if m.rules[i].Whole == nil && holds(m, c.resource, rt) && holds(m, c.span, st) {
			return i
		}
	}
	return -1
}

// MatchWhole implements tailsampling.WholeMatcher.
func (m *matcher) MatchWhole(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) uint64 {
	st := spancondition.OfSpan(rs, ss, span)
	defer st.Close()
	rt := spancondition.OfResource(rs)
	defer rt.Close()
	var matched uint64
	n := 0
	for i := range m.conditions {
		if m.rules[i].Whole == nil {
			continue
		}
		if c := &m.conditions[i]; holds(m, c.resource, rt) && holds(m, c.span, st) {
			matched |= 1 << n
		}
		n++
	}
	return matched
}

// holds tells whether one of the conditions holds, or there are none.
func holds[S spancondition.Subject](m *matcher, cs []spancondition.Condition[S], subject S) bool {
	for _, c := range cs {
		ok, err := c.Holds(subject)
		if err != nil {
			m.failed(err)
			continue
		}
		if ok {
			return true
		}
	}
	return len(cs) == 0
}
