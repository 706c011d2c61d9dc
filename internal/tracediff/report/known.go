package report

import (
	"math"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/wire"
)

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

// Measured is what a change is about: what it was, what it is, NaN where that is not known, and in which unit.
func Measured(c *compare.Change) (before, after float64, unit wire.Unit) {
	a, b := Known(&c.A), Known(&c.B)
	switch c.Measure {
	case compare.Latency:
		return seconds(a.GeoMean), seconds(b.GeoMean), wire.UnitSeconds
	case compare.Slowest:
		return seconds(a.Mean), seconds(b.Mean), wire.UnitSeconds
	case compare.Waiting:
		return seconds(a.GeoWait), seconds(b.GeoWait), wire.UnitSeconds
	case compare.Errors:
		return a.ErrorTrace, b.ErrorTrace, wire.UnitShareOfTraces
	case compare.CallRate:
		return a.PerTrace, b.PerTrace, wire.UnitCallsPerTrace
	default:
		return float64(a.Traces), float64(b.Traces), wire.UnitTraces
	}
}

// seconds are those of a duration in ns.
func seconds(ns float64) float64 { return ns / float64(time.Second) }
