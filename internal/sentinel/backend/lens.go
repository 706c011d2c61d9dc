package backend

import "time"

// Lens says what a backend is known to lose, to rewrite and to add. What it may lose must be there as it was sent, or not at
// all: another value is corruption, as is everything that the lens does not mention.
type Lens struct {
	Resolution  time.Duration // times are cut to this
	Flags       bool          // it may lose the flags of spans and links
	SchemaURL   bool          // it may lose those of resources and scopes
	Dropped     bool          // it may lose the counts of dropped attributes, events and links
	ScopeAttrs  bool          // it may lose the attributes of scopes, all of them
	LinkContent bool          // it may lose all of a link but its ids, field by field
	BytesValues bool          // it may lose the value of attributes that are bytes
	TextValues  bool          // lists, maps and bytes in attributes may come back as text: JSON, base64
	Marks       []string      // attributes of these names may be added to resources, spans and links
	AddsFields  bool          // any attributes may be added, everywhere
}

// jaegerLens is that of Jaeger's first storage model, in which a trace is what OpenTracing knew. Version 2 keeps everything but
// schema URLs where its storage has the model of OTLP, as in memory. internal.span.format is added to spans by older versions
// (1.62), which also write bytes as text (1.54), opentracing.ref_type to links. Elasticsearch and Cassandra have microseconds.
var jaegerLens = Lens{
	Resolution: time.Microsecond, Flags: true, SchemaURL: true, Dropped: true, ScopeAttrs: true, LinkContent: true, TextValues: true,
	Marks: []string{"internal.span.format", "opentracing.ref_type"},
}

// tempoLens is that of Tempo's blocks, which have no columns for flags and schema URLs; before vParquet4 also none for bytes and
// the attributes of scopes. What is not in a block yet is complete. A query over several tenants adds theirs to each resource.
var tempoLens = Lens{
	Resolution: time.Nanosecond, Flags: true, SchemaURL: true, ScopeAttrs: true, BytesValues: true, Marks: []string{"tenant"},
}
