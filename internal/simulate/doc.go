// Package simulate runs a sampler over recorded traces in virtual time, without a network, and compares what it kept with
// the truth.
//
//	Source.Load --> traces --> Schedule.Plan --> arrivals --> Runner.Run --> outcomes --> NewReport --> WriteText, JSON
//	                              (one seed)                (the real engine)            (one run)
//	                                   \------------------- Repeat, many seeds -------------------> Summary
//
// What was kept and with which threshold is read off the spans that the engine hands on, as any receiver of theirs would.
package simulate
