// Package tailsampling decides which traces to keep: it buffers spans by trace, learns when a trace is complete and what is
// usual for it, and keeps within a budget what is not, with a probability that every kept span states.
//
// The way of a span, and the file for each step:
//
//	Consume       consume.go, operations.go   find trace and operation, encode (internal/tracebuffer)
//	              shard.go, trace.go          traces by id; wheel.go has their deadlines, memory.go the limit
//	complete?     decider.go, gaps.go         quiet for longer than traces like it ever were
//	interesting?  interest.go, learned.go     against what is usual for path, endpoint and operations; sweep.go forgets
//	keep?         selection.go, cutoff.go     baseline and cut-off of the signs; budget.go and cap.go hold the budget
//	              settle.go, threshold.go     the decision, as a threshold; decisions.go remembers it for late spans
//	out           outbox.go, release.go       decode what is kept, mark it (tracestate.go); run.go sends and retries
//
// It knows pdata and no component. Observer (observe.go) hears of every decision and every loss.
package tailsampling
