// Package traceassembly puts traces together from spans that come in any order: open traces by id, in order of arrival, with
// their encoded spans (internal/tracebuffer), spread over shards so that goroutines seldom meet. The sampler and the windows of
// trace diff are both built on it; when a trace is complete, and what becomes of it then, is theirs.
//
//	Batch    the spans of one Consume, sorted by shard            batch.go
//	Shard    a lock, a buffer and the open traces of some ids      shard.go
//	Table    open traces by id, oldest to newest                   table.go
//	Memory   the bytes that all of it takes                        memory.go
//	Clock    time that never goes back                             clock.go
package traceassembly
