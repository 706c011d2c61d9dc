// Package traffic is what a sentinel sends: which traces in which second, and every field of every span of them, as a
// function of the key and the stream's configuration. Who has these two, in whatever process, knows what must arrive.
//
//	Stream.Count(slot)            how many traces a slot has; Stream.Has(id): whether an id is one of them
//	Stream.At(id)                 when a trace begins to leave, Stream.Complete(id) when all of it has
//	Stream.Trace(id, &trace)      the plan of a trace: operations, parents, times, failures, batches
//	Trace.FillSpan(i, span)       all fields of span i       \  written into pdata: a generator sends it, a verifier
//	Trace.FillResource(i, res)    the resource it belongs to  > compares it with what has arrived
//	Trace.FillScope(i, scope)     the scope it belongs to    /
//
// A slot is one second of wall clock, numbered from the Unix epoch. Trace n of m in a slot leaves n/m into it. What a trace
// tells happened before: it ends (its last span does) when it leaves, so that no span is of the future.
//
// The spans of a trace leave in up to Config.Batches batches, a BatchStep apart: Span.Batch says in which. Spans of one service go
// together, long traces are cut; a share of the traces leaves in another order.
//
// At the end of each slot a manifest leaves: a span of its own that says, signed, what became of each trace of the slots
// before at the source. A Manifest is what the generator tells; it is not a function of the key alone.
//
// All randomness is SplitMix64 (Steele, Lea and Flood, 2014) from a seed that the key makes of the trace id, so that it is the
// same in every version of Go; no floating point is involved after the topology has been read.
package traffic
