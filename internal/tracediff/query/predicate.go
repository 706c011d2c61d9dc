package query

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// expression is a part of a query that is true or false of a span.
type expression interface{ matches(s subject) bool }

type (
	anyOf    []expression
	allOf    []expression
	negation struct{ expression }
)

func (e anyOf) matches(s subject) bool {
	for _, part := range e {
		if part.matches(s) {
			return true
		}
	}
	return false
}

func (e allOf) matches(s subject) bool {
	for _, part := range e {
		if !part.matches(s) {
			return false
		}
	}
	return true
}

func (e negation) matches(s subject) bool { return !e.expression.matches(s) }

// value is the right side of a comparison.
type value struct {
	text       string
	number     float64
	duration   time.Duration
	isNumber   bool // text is one, quoted or not
	isString   bool // was quoted
	isDuration bool
}

// newValue reads a value; false where the token is none.
func newValue(t token) (value, bool) {
	v := value{text: t.text, isString: t.kind == stringToken}
	if t.kind != stringToken && t.kind != wordToken {
		return v, false
	}
	if n, err := strconv.ParseFloat(t.text, 64); err == nil && !math.IsNaN(n) {
		v.number, v.isNumber = n, true
	}
	if d, err := time.ParseDuration(t.text); err == nil {
		v.duration, v.isDuration = d, true
	}
	if t.kind == stringToken || v.isNumber || v.isDuration {
		return v, true
	}
	v.text = strings.ToLower(t.text)
	return v, v.text == "true" || v.text == "false"
}

// comparison is a key compared with a value, or with each of several for equality.
type comparison struct {
	field    field
	operator string // = > >= < <=
	negated  bool
	values   []value
	texts    map[string]struct{} // the values of a long list that compare as text, for =
}

// listSize is from how many values on a list is looked up instead of walked.
const listSize = 8

func (c *comparison) prepare() {
	if c.operator != "=" || len(c.values) < listSize || c.field.isTime() {
		return
	}
	c.texts = make(map[string]struct{}, len(c.values))
	rest := c.values[:0:0]
	for _, v := range c.values {
		c.texts[v.text] = struct{}{}
		if v.isNumber { // 500 also equals 500.0
			rest = append(rest, v)
		}
	}
	c.values = rest
}

func (c *comparison) matches(s subject) bool {
	f, ok := c.field.in(s)
	if !ok {
		return c.negated
	}
	if f.isDuration {
		return c.durations(f.duration) != c.negated
	}
	if !f.isText && f.attribute.Type() != pcommon.ValueTypeStr {
		return c.typed(f.attribute) != c.negated
	}
	text := f.text
	if !f.isText {
		text = f.attribute.Str()
	}
	return (c.text(text) || f.other != "" && c.text(f.other)) != c.negated
}

// typed compares a number, truth value or structure.
func (c *comparison) typed(a pcommon.Value) bool {
	var number float64
	switch a.Type() {
	case pcommon.ValueTypeInt:
		number = float64(a.Int())
	case pcommon.ValueTypeDouble:
		number = a.Double()
	default:
		return c.text(a.AsString())
	}
	for i := range c.values {
		if v := &c.values[i]; v.isNumber && c.holds(cmp.Compare(number, v.number)) {
			return !math.IsNaN(number)
		}
	}
	if c.texts != nil {
		_, ok := c.texts[a.AsString()]
		return ok
	}
	return false
}

// text compares a string.
func (c *comparison) text(text string) bool {
	if _, ok := c.texts[text]; ok {
		return true
	}
	for i := range c.values {
		v := &c.values[i]
		if c.operator == "=" {
			if text == v.text {
				return true
			}
			if v.isString || !v.isNumber {
				continue
			}
		}
		if v.isNumber {
			if n, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(n) {
				if c.holds(cmp.Compare(n, v.number)) {
					return true
				}
				continue
			}
			if !v.isString {
				continue // text that is no number has no order to one
			}
		}
		if c.holds(strings.Compare(text, v.text)) {
			return true
		}
	}
	return false
}

// span is the value as a length of time. A bare number is one of milliseconds.
func (v *value) span() time.Duration {
	if v.isDuration {
		return v.duration
	}
	return time.Duration(max(-maxMilliseconds, min(maxMilliseconds, v.number)) * float64(time.Millisecond))
}

// maxMilliseconds are as many as a duration holds for sure.
const maxMilliseconds = 9e12

// durations compares the duration of a span or trace.
func (c *comparison) durations(d time.Duration) bool {
	for i := range c.values {
		if c.holds(cmp.Compare(d, c.values[i].span())) {
			return true
		}
	}
	return false
}

// holds tells whether an order of left to right is what the operator asks for.
func (c *comparison) holds(order int) bool {
	switch c.operator {
	case "=":
		return order == 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	default:
		return order <= 0
	}
}
