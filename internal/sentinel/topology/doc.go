// Package topology describes the application that a sentinel pretends to be: services, what they do, whom they call, how
// long it takes, how it fails.
//
//	"builtin:shop", a YAML file --Load--> Topology --> Entries --> Operation --Calls--> Operation ...
//
// A Topology is read once, checked as a whole (all mistakes at once, each with its path) and never changes. Its operations
// are linked by pointers and form no cycle, so that every trace is finite; MaxSpans bounds how large. What comes out of
// maps in the file is kept in the order of the file: nothing depends on the order of a Go map.
//
// How a call becomes spans follows from the operation called:
//
//	in the same service           one span: the operation itself, a child of the caller
//	a server of another service   two: a client span of the caller, and the server span below it
//	a consumer of another one     two: a producer span of the caller, and a consumer span below it, which links to it, begins
//	                              after a delay and is not waited for
//
// Durations are drawn from tables of quantiles that are rounded to three significant digits when the topology is read: on
// every platform a draw is the same number of nanoseconds, whatever its floating point makes of the last bits.
package topology
