package query

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/metric/noop"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/spancondition"
)

const ottlPrefix = "ottl:"

// cutOTTL returns what stands behind the prefix, if there is one.
func cutOTTL(text string) (string, bool) {
	return strings.CutPrefix(strings.TrimSpace(text), ottlPrefix)
}

// ottlCondition is a condition in the span context.
type ottlCondition struct {
	spancondition.Condition[spancondition.Span]
}

// OTTL's parser takes twice the time for each bracket within another, and seconds for a dozen. People write three or four.
const (
	maxOTTLNesting = 6
	maxOTTLLength  = 2 << 10
)

func parseOTTL(text string) (*ottlCondition, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxOTTLLength {
		return nil, fmt.Errorf("it is longer than %d bytes", maxOTTLLength)
	}
	if at := tooDeep(text); at >= 0 {
		return nil, fmt.Errorf("1:%d: more than %d brackets within each other", column(text, at), maxOTTLNesting)
	}
	set := component.TelemetrySettings{
		Logger: zap.NewNop(), MeterProvider: noop.NewMeterProvider(), TracerProvider: nooptrace.NewTracerProvider(),
	}
	p, err := spancondition.NewSpanParser(set)
	if err != nil {
		return nil, err
	}
	c, err := p.Parse(text)
	if err != nil {
		return nil, err
	}
	return &ottlCondition{c}, nil
}

// tooDeep is where brackets nest too deeply, -1 where they do not. Those in strings do not count.
func tooDeep(text string) int {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && inString:
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '(' || c == '[' || c == '{':
			if depth++; depth > maxOTTLNesting {
				return i
			}
		case c == ')' || c == ']' || c == '}':
			depth--
		}
	}
	return -1
}

func (c *ottlCondition) matches(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) bool {
	subject := spancondition.OfSpan(rs, ss, span)
	defer subject.Close()
	ok, err := c.Holds(subject)
	return err == nil && ok
}

// ottlError gives an error of OTTL the column that it has in the whole text. One about meaning, such as an unknown function,
// has no position: it is that of the whole condition.
func ottlError(text, condition string, err error) error {
	begin := strings.Index(text, ottlPrefix) + len(ottlPrefix)
	begin += len(condition) - len(strings.TrimLeft(condition, " \t\r\n"))
	e := &SyntaxError{Column: column(text, begin), Expected: "a condition of OTTL", Got: quoted(strings.TrimSpace(condition)), Hint: err.Error()}
	if at, ok := spancondition.Column(err); ok {
		e.Column = min(e.Column+at-1, column(text, len(text)))
	}
	return e
}
