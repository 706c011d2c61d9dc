// Package tailsampling decides which traces to keep: it buffers spans by trace, learns when a trace is complete and what is
// usual for it, and keeps within a budget what is not, with a probability that every kept span states.
//
// An Engine (engine.go) is three parts over one assembly: the open traces by id (assembly.go, trace.go; internal/traceassembly).
//
//	intake        intake.go, append.go          find trace and operation (operations.go), encode (internal/tracebuffer)
//	              memory.go                     the limit, and who waits for room
//	decider       decider.go, wheel.go          whose deadline has come; evict.go decides early where memory is short
//	 complete?    gaps.go                       quiet for longer than traces like it ever were
//	 interesting? judge.go, interest.go         against what is usual for path, endpoint and operations
//	              learned.go, usual.go          which is learned; forget.go forgets
//	 keep?        selection.go, cutoff.go       baseline and cut-off of the signs; budget.go and cap.go hold the budget; rules.go
//	              conclude.go, threshold.go     the decision, as a threshold; decisions.go remembers it for late spans
//	sender        outbox.go, send.go            batches to the next consumer, and tries again
//	              unpack.go, marker.go          decode what is kept, mark it (tracestate.go)
//
// Beside them, where there is a journal (internal/journal; journal.go), what is taken in is written to it before intake says so:
//
//	journal_write.go    records of what a shard takes in                  journal_recover.go   takes in what was found at the start
//	journal_copy.go     moves slow traces on, so that old files can go
//
// It knows pdata and no component. Observer (observe.go) hears of every decision and every loss.
package tailsampling
