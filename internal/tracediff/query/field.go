package query

import (
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
)

// subject is the span that a query is asked about.
type subject struct {
	resource pcommon.Resource
	span     ptrace.Span
	trace    time.Duration // of the whole trace: one for all of the range that is asked about
}

// builtin is a key that stands for a part of the span.
type builtin uint8

const (
	noBuiltin builtin = iota
	serviceField
	operationField
	errorField
	statusField
	kindField
	versionField
	durationField
	traceDurationField
)

var builtins = map[string]builtin{
	"service": serviceField, "operation": operationField,
	"error": errorField, "status": statusField, "kind": kindField, "version": versionField, "duration": durationField,
	"trace.duration": traceDurationField, "trace:duration": traceDurationField, // the second form is that of TraceQL
}

// field is the left side of a comparison.
type field struct {
	key     string
	builtin builtin
}

func newField(key string) field { return field{key: key, builtin: builtins[strings.ToLower(key)]} }

// isTime tells whether the key can only be compared with a duration.
func (f field) isTime() bool { return f.builtin == durationField || f.builtin == traceDurationField }

// found is what a key stands for in a span: an attribute, or text, or a duration.
type found struct {
	attribute  pcommon.Value
	text       string
	other      string // the normalised name of an operation, where it differs
	duration   time.Duration
	isText     bool
	isDuration bool
}

// in looks the key up; false where the span has nothing of that name.
func (f field) in(s subject) (found, bool) {
	switch f.builtin {
	case serviceField:
		return textOf(s.resource.Attributes(), "service.name")
	case operationField:
		name := s.span.Name()
		v := found{text: name, isText: true}
		if normal := tracesketch.NormalizeName(name); normal != name {
			v.other = normal
		}
		return v, true
	case traceDurationField:
		return found{duration: s.trace, isDuration: true}, true
	}
	if v, ok := s.span.Attributes().Get(f.key); ok {
		return found{attribute: v}, true
	}
	if v, ok := s.resource.Attributes().Get(f.key); ok {
		return found{attribute: v}, true
	}
	switch f.builtin {
	case errorField:
		return found{text: strconv.FormatBool(s.span.Status().Code() == ptrace.StatusCodeError), isText: true}, true
	case statusField:
		return found{text: strings.ToLower(s.span.Status().Code().String()), isText: true}, true
	case kindField:
		return found{text: strings.ToLower(s.span.Kind().String()), isText: true}, true
	case versionField:
		return textOf(s.resource.Attributes(), "service.version")
	case durationField:
		return found{duration: time.Duration(s.span.EndTimestamp() - s.span.StartTimestamp()), isDuration: true}, true
	}
	return found{}, false
}

func textOf(m pcommon.Map, key string) (found, bool) {
	v, ok := m.Get(key)
	return found{attribute: v}, ok
}
