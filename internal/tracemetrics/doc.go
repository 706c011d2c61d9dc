// Package tracemetrics counts all traces that a sampler decides, whether they are kept or not, and what they took: requests, errors and
// an exponential histogram of durations for each execution path. Because every trace is counted once, at its decision, the figures are
// exact at any budget.
//
//	Recorder    takes in decisions                                     (recorder.go)
//	table       series by identity, bounded, with one for the overflow (table.go)
//	series      what one series has counted                            (series.go)
//	Collect     writes all of it as metrics                            (export.go)
package tracemetrics
