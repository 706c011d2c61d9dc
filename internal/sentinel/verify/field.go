package verify

import (
	"strings"
)

// Field is a field of a span, or of the resource or scope that it belongs to.
type Field uint8

// The fields. A trace id is none of them: a span with another one is not recognised, and missing from its trace.
const (
	ResourceAttributes Field = iota
	ResourceDroppedAttributes
	ResourceSchemaURL
	ScopeName
	ScopeVersion
	ScopeAttributes
	ScopeDroppedAttributes
	ScopeSchemaURL
	SpanID
	ParentSpanID
	TraceState
	Flags
	Name
	Kind
	StartTime
	EndTime
	Attributes
	DroppedAttributes
	Events
	DroppedEvents
	Links
	DroppedLinks
	StatusCode
	StatusMessage
	fields
)

var fieldNames = [fields]string{
	"resource.attributes", "resource.dropped_attributes_count", "resource.schema_url",
	"scope.name", "scope.version", "scope.attributes", "scope.dropped_attributes_count", "scope.schema_url",
	"span_id", "parent_span_id", "trace_state", "flags", "name", "kind", "start_time", "end_time",
	"attributes", "dropped_attributes_count", "events", "dropped_events_count", "links", "dropped_links_count",
	"status.code", "status.message",
}

// String is the name as in the OTLP data model.
func (f Field) String() string { return fieldNames[f] }

// AllFields lists the fields.
func AllFields() []Field {
	all := make([]Field, fields)
	for i := range all {
		all[i] = Field(i)
	}
	return all
}

// Fields is a set of fields.
type Fields uint32

// Has says whether a field is in the set.
func (s Fields) Has(f Field) bool { return s>>f&1 != 0 }

func (s *Fields) add(f Field) { *s |= 1 << f }

// String lists the names.
func (s Fields) String() string {
	var names []string
	for f := range fields {
		if s.Has(f) {
			names = append(names, f.String())
		}
	}
	return strings.Join(names, ", ")
}
