package scenarios

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tailsampling"
)

// RuleKeep is the name of the keep rule of Rules.
const RuleKeep = "always"

// Rules has one rule of each action, for some endpoints of the synthetic system.
func Rules(c *tailsampling.Config) {
	c.Rules = []tailsampling.Rule{
		{Name: "never", Action: tailsampling.Drop},
		{Name: RuleKeep, Action: tailsampling.Keep},
		{Name: "third", Action: tailsampling.Probability, Value: 1.0 / 3},
		{Name: "less", Action: tailsampling.Weight, Value: 0.1},
	}
	c.Matcher = rootNames{"/login/", "/item/", "/home", "/cart"}
}

// rootNames matches the root spans whose names contain one of these.
type rootNames []string

// Match implements tailsampling.Matcher.
func (m rootNames) Match(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, span ptrace.Span) int {
	if !span.ParentSpanID().IsEmpty() {
		return -1
	}
	for i, part := range m {
		if strings.Contains(span.Name(), part) {
			return i
		}
	}
	return -1
}
