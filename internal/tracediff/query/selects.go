package query

import (
	"regexp"
	"slices"

	"github.com/assayhq/assay/internal/tracesketch"
)

// Keys that Selects knows beside those of attributes.
const (
	KeyService   = "service"
	KeyOperation = "operation"
	KeyError     = "error"
	KeyDuration  = "duration" // of spans or of whole traces
)

// Selects tells whether the query chooses spans by a key, so that what it chooses differs in the values of the key for that reason
// alone. Services and operations count only if the query names their value: a trace has many of them, and the others are not
// chosen. Of OTTL it looks at the text, and rather says yes.
func (q *Query) Selects(key, of string) bool {
	if q.ottl != nil {
		return ottlSelects(q.text, key)
	}
	found := false
	each(q.expression, func(c *comparison) { found = found || c.selects(key, of) })
	return found
}

func (c *comparison) selects(key, of string) bool {
	switch c.field.builtin {
	case serviceField:
		return key == KeyService && c.names(of)
	case operationField:
		return key == KeyOperation && (c.names(of) || slices.ContainsFunc(c.values, func(v value) bool { return tracesketch.NormalizeName(v.text) == of }))
	case errorField, statusField:
		return key == KeyError || key == c.field.key
	case versionField:
		return key == "service.version" || key == c.field.key
	case kindField:
		return key == "span.kind" || key == c.field.key
	case durationField, traceDurationField:
		return key == KeyDuration || key == c.field.key
	}
	if c.field.key == "service.name" {
		return key == KeyService && c.names(of)
	}
	return key == c.field.key
}

// names tells whether a value stands in the comparison.
func (c *comparison) names(of string) bool {
	if _, ok := c.texts[of]; ok {
		return true
	}
	return slices.ContainsFunc(c.values, func(v value) bool { return v.text == of })
}

// ottlKey finds the keys of attributes in a condition of OTTL, and ottlPart the parts of a span.
var (
	ottlKey  = regexp.MustCompile(`attributes\["((?:[^"\\]|\\.)*)"\]`)
	ottlPart = regexp.MustCompile(`\b(name|status|kind|start_time|end_time|start_time_unix_nano|end_time_unix_nano)\b`)
)

func ottlSelects(text, key string) bool {
	for _, m := range ottlKey.FindAllStringSubmatch(text, -1) {
		if m[1] == key || m[1] == "service.name" && key == KeyService {
			return true
		}
	}
	for _, part := range ottlPart.FindAllString(ottlKey.ReplaceAllString(text, ""), -1) {
		switch part {
		case "name":
			if key == KeyOperation {
				return true
			}
		case "status":
			if key == KeyError {
				return true
			}
		case "kind":
			if key == "span.kind" {
				return true
			}
		default:
			if key == KeyDuration {
				return true
			}
		}
	}
	return false
}
