// Package tracemetrics counts all traces that a sampler decides, whether they are kept or not, and what they took: requests, errors and
// an exponential histogram of durations for each execution path, and on request the same of all spans for each operation. Because a trace is
// counted once, at its decision, and a span once, when it arrives, the figures are exact at any budget.
//
//	Recorder    takes in decisions and spans, and writes them as metrics (recorder.go, export.go)
//	family      the series of three metrics, bounded, in stripes         (family.go)
//	stripe      some of them under one lock                              (stripe.go)
//	series      what one of them has counted                             (series.go)
package tracemetrics
