package report

import (
	"math"

	"github.com/assayhq/assay/internal/jsonnumber"
	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Number is a float in JSON; what is not known is null.
type Number = jsonnumber.Number

// Known is what a group was like on one side, with NaN for what nobody knows: how long its spans take, and how many fail, where there
// are none; how long its callers wait, where no caller was seen.
func Known(a *compare.Absolute) compare.Absolute {
	k := *a
	unknown := func(values ...*float64) {
		for _, v := range values {
			if *v == 0 {
				*v = math.NaN()
			}
		}
	}
	if k.Spans == 0 {
		unknown(&k.ErrorShare, &k.ErrorTrace, &k.Mean, &k.GeoMean, &k.P50, &k.P95, &k.P99, &k.SelfMean)
	}
	if k.GeoWait == 0 {
		unknown(&k.Wait, &k.GeoWait)
	}
	return k
}

// Unit is what the two sides of a change are measured in.
type Unit string

// Units. Durations are in ns.
const (
	Nanoseconds   Unit = "ns"
	ShareOfTraces Unit = "share_of_traces" // of those with the group, that have an error in it
	CallsPerTrace Unit = "calls_per_trace"
	Traces        Unit = "traces"
)

// Measured is what a change is about: what it was, what it is, NaN where that is not known, and in which unit.
func Measured(c *compare.Change) (before, after float64, unit Unit) {
	a, b := Known(&c.A), Known(&c.B)
	switch c.Measure {
	case compare.Latency:
		return a.GeoMean, b.GeoMean, Nanoseconds
	case compare.Slowest:
		return a.Mean, b.Mean, Nanoseconds
	case compare.Waiting:
		return a.GeoWait, b.GeoWait, Nanoseconds
	case compare.Errors:
		return a.ErrorTrace, b.ErrorTrace, ShareOfTraces
	case compare.CallRate:
		return a.PerTrace, b.PerTrace, CallsPerTrace
	default:
		return float64(a.Traces), float64(b.Traces), Traces
	}
}
