package backend

import "time"

// Lens says what a backend is known to change in a span that it stores and shows. What lies behind it is not corruption.
type Lens struct {
	Resolution   time.Duration // times are cut to this
	Flags        bool          // trace flags are not kept
	TraceState   bool          // the W3C trace state is not kept
	SchemaURL    bool          // of resources and scopes
	Dropped      bool          // counts of dropped attributes, events and links
	EmptyValues  bool          // attributes without a value, or with an empty list
	AddsFields   bool          // attributes are added to what was sent
	UnsetStatus  bool          // the message of a status that is not an error
	NestedValues bool          // lists and maps in attributes come back as text
	ScopeAttrs   bool          // attributes of scopes are not kept
	LinkContent  bool          // of links, no more than the ids is kept
}

// jaegerLens is that of Jaeger v1 storage, whose model has microseconds, tags instead of most OTLP fields, and no flags but
// the sampling ones. Jaeger v2 keeps it for stores that still use that model.
var jaegerLens = Lens{
	Resolution: time.Microsecond, Flags: true, TraceState: false, SchemaURL: true, Dropped: true, EmptyValues: true,
	AddsFields: true, UnsetStatus: true, NestedValues: true, ScopeAttrs: true, LinkContent: true,
}

// tempoLens is that of Tempo's parquet blocks, whose columns leave out what OTLP rarely uses.
var tempoLens = Lens{Resolution: time.Nanosecond, Flags: true, SchemaURL: true, EmptyValues: true}
