// Package tracebuffer holds the spans of undecided traces as bytes: bounded, cheap to fill, cheap to throw away, and out of
// the garbage collector's sight. A Buffer keeps a chain of blocks per trace and a dictionary of the strings, resources and
// scopes that repeat; a Trace is the handle of a chain and holds no pointer.
//
//	region   1 MiB of memory, mapped outside the Go heap where the system has mmap      region.go, region_unix.go
//	slab     64 KiB of a region, cut into blocks of one size                            arena.go
//	block    64 B to 32 KiB: [next block, 4 B][bytes of records ...]                    arena.go
//	chain    first block -> ... -> last block of one trace; records run over the ends   chain.go
//	record   one span: header, body, tail                                               header.go, encode.go
//
//	record:  control 1 B | flags 1 B | sizes 1 B | span id 8 B | operation 8 B | [parent id 8 B]
//	         | start less the start before, 0..8 B | duration, 0..8 B | body length | [tail length]       <- header
//	         | [resource, scope] name, kind, status, attributes, events, links ...                        <- body
//	         | strings and bytes of 4 KiB and more, in order                                              <- tail
//
// Headers walks the headers alone. Decode turns records back into spans: what comes out equals what went in, field for
// field, grouped by resource and scope.
//
// A string in a body is either raw or a reference into the generation of the dictionary that was current when the record
// was written; see generation.go for how references stay valid without counting each one.
//
// # Choices
//
// Measured on a shared 2-core AMD EPYC with Go 1.26. "Synthetic" are traces of 16 spans with 7 attributes, 2 of them of many
// values, in pieces of 1 to 5 spans; bench_test.go makes them.
//
//   - Off the Go heap. With 500,000 synthetic spans held while batches are unmarshalled all the time, the process takes 107
//     to 119 MiB; with regions made by make([]byte) 178 to 180, because what is on the heap doubles as garbage collector's
//     goal. The smaller heap is collected three times as often, which costs 2 instead of 1 % of CPU.
//   - A chain of blocks that grows with the trace. One log for all traces, with links from span to span, would waste no
//     bytes at the end of chains, but a slow trace would pin what came at the same time, and a walk would miss the cache
//     with each span.
//   - Blocks of a third of what a trace holds already: 119 B per synthetic span held; of a half 124 B, of a quarter 116 B
//     but a slower walk (18 instead of 15 ns a span).
//   - A dictionary in generations and not a count for each string: Free takes time by blocks and not by strings.
//   - Guessing what follows a key before hashing it, and not looking up the values of keys that hardly ever repeat: Append
//     takes 225 ns of CPU for a synthetic span; 300 without the guesses, 290 where every value is looked up.
//   - Records are staged in one buffer and copied to the chain, because lengths stand before what they measure. Strings of
//     4 KiB and more skip the staging.
//
// Held, all included: 119 B per synthetic span of 16 (pdata 890), 99 B of 1, and 48 B of handle per trace. Decode takes 0.4 to
// 0.75 of what pdata takes to unmarshal the same spans from protobuf; walking headers 15 to 28 ns a span, least in long
// traces; a full garbage collection over 1,000,000 buffered spans 2 to 7 ms.
//
// # Bounds
//
// Nested values recurse. Go's stacks grow to 1 GB; a level of lists or maps takes 258 or 357 bytes of stack to encode and 144
// or 329 to decode, where pdata's own unmarshaler takes 436 or 562: what could be received can be encoded.
//
// A Buffer holds at most 64 GiB of blocks, a dictionary what Options say. How much is buffered is the caller's to limit, by
// Bytes: it counts a slab as a whole once a block of it is in use, so a few spans in blocks of many sizes count 64 KiB for
// each size.
package tracebuffer
