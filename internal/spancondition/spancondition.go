// Package spancondition compiles conditions of the OpenTelemetry Transformation Language (OTTL) on spans and on their resources, and
// evaluates them. Releases of pkg/ottl differ in its API: this package alone knows it (depguard in .golangci.yml), so that a
// change of the release is a change of this file.
package spancondition

import (
	"context"
	"regexp"
	"strconv"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlresource"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Subject is what a condition is about. Whoever makes one closes it when all conditions are evaluated: it is used again.
type Subject interface{ Span | Resource }

// Span is a span with its scope and resource, in OTTL's span context.
type Span = *ottlspan.TransformContext

// OfSpan makes a span the subject.
func OfSpan(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) Span {
	return ottlspan.NewTransformContextPtr(rs, ss, span)
}

// Resource is a resource, in OTTL's resource context.
type Resource = *ottlresource.TransformContext

// OfResource makes a resource the subject.
func OfResource(rs ptrace.ResourceSpans) Resource {
	return ottlresource.NewTransformContextPtr(rs.Resource(), rs)
}

// Condition is a compiled condition. It is immutable and safe for concurrent use.
type Condition[S Subject] struct{ compiled *ottl.Condition[S] }

// Holds evaluates the condition. It fails where a function cannot deal with a value of the subject.
func (c Condition[S]) Holds(subject S) (bool, error) {
	return c.compiled.Eval(context.Background(), subject)
}

// Parser compiles conditions.
type Parser[S Subject] struct{ parser ottl.Parser[S] }

// Parse compiles a condition. What is wrong with the text is in the words of OTTL; see Column.
func (p *Parser[S]) Parse(text string) (Condition[S], error) {
	c, err := p.parser.ParseCondition(text)
	return Condition[S]{c}, err
}

// Function is one that conditions on spans may call beside OTTL's standard converters.
type Function = ottl.Factory[Span]

// IsRootSpan is the function of that name, which conditions of tail_sampling have.
func IsRootSpan() Function { return ottlfuncs.NewIsRootSpanFactoryNew() }

// NewSpanParser makes a parser of conditions on spans.
func NewSpanParser(set component.TelemetrySettings, more ...Function) (*Parser[Span], error) {
	functions := ottlfuncs.StandardConverters[Span]()
	for _, f := range more {
		functions[f.Name()] = f
	}
	p, err := ottlspan.NewParser(functions, set)
	return &Parser[Span]{p}, err
}

// NewResourceParser makes a parser of conditions on resources.
func NewResourceParser(set component.TelemetrySettings) (*Parser[Resource], error) {
	p, err := ottlresource.NewParser(ottlfuncs.StandardConverters[Resource](), set)
	return &Parser[Resource]{p}, err
}

// position is how OTTL says where it stopped: line and column.
var position = regexp.MustCompile(`(?:^|\s)1:(\d+): `)

// Column is where in a text of one line an error of Parse has its cause: a column, from 1. One about meaning, such as an unknown
// function, has none.
func Column(err error) (column int, ok bool) {
	m := position.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, false
	}
	column, err = strconv.Atoi(m[1])
	return column, err == nil
}
