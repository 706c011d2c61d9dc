// Package metricscheck compares the numbers that a pipeline derives from a sentinel's spans with what they must be.
//
//	Expect     what the spans that leave in a span of time add to a histogram        (expect.go)
//	Source     where the histogram is kept, and under which names                    (source.go)
//	Check      two readings of it against what must and what can have been added     (check.go)
//
// A reading of a running system has no sharp edge: spans are on their way, metrics are flushed and scraped now and then. So the
// increase of every bucket between two readings must lie between the spans that left well inside that time and those that
// left inside or near it. That is a bound, not a statistic: a right pipeline never fails it, and one that loses or
// invents more spans than the edges hold always does.
package metricscheck
