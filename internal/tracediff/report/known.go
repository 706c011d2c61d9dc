package report

import (
	"encoding/json"
	"math"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Number is a float in JSON. What is not known, NaN, is null there, and so is what JSON has no form for.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler: null is NaN.
func (n *Number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

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
