package api

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
)

// changeBody is one verdict on one group.
type changeBody struct {
	identity
	Measure     string   `json:"measure"`
	Verdict     string   `json:"verdict"`
	Flagged     bool     `json:"flagged"`
	Cause       string   `json:"cause,omitempty"`   // fingerprint of the main change of its cause
	Culprit     string   `json:"culprit,omitempty"` // the service at fault
	Standing    string   `json:"standing,omitempty"`
	Reason      string   `json:"reason,omitempty"` // of one that was cleared
	Windows     int      `json:"windows"`
	Since       *int64   `json:"since"` // as far as windows show it
	Onset       *int64   `json:"onset"` // where it began inside of a window
	Ended       *int64   `json:"ended"`
	Effect      number   `json:"effect"` // latency, waiting and calls: B/A; errors and presence: B - A
	Low         number   `json:"low"`
	High        number   `json:"high"`
	P           number   `json:"p"`
	Q           number   `json:"q"`
	Impact      number   `json:"impact"`
	A           absolute `json:"a"`
	B           absolute `json:"b"`
	Exemplars   []string `json:"exemplars"`
	Fingerprint string   `json:"fingerprint"`
}

// absolute is what a group was like on one side; latencies in µs, null where there was nothing to measure.
type absolute struct {
	Spans      uint64 `json:"spans"`
	Traces     uint64 `json:"traces"`
	Weight     number `json:"weight"`
	Rate       number `json:"rate"` // spans/s, adjusted
	PerTrace   number `json:"perTrace"`
	ErrorShare number `json:"errorShare"`      // of the spans
	ErrorTrace number `json:"errorTraceShare"` // of the traces with the group: what changes of errors are about
	Mean       number `json:"mean"`
	GeoMean    number `json:"geoMean"`
	P50        number `json:"p50"`
	P95        number `json:"p95"`
	P99        number `json:"p99"`
	SelfMean   number `json:"selfMean"`
	Wait       number `json:"wait"` // of the callers of an edge, outside of the callee's spans: in the network and in queues
	GeoWait    number `json:"geoWait"`
}

func absoluteOf(a *compare.Absolute) absolute {
	k := report.Known(a)
	return absolute{
		k.Spans, k.Traces, number(k.Weight), number(k.Rate), number(k.PerTrace), number(k.ErrorShare), number(k.ErrorTrace),
		microseconds(k.Mean), microseconds(k.GeoMean), microseconds(k.P50), microseconds(k.P95), microseconds(k.P99), microseconds(k.SelfMean),
		microseconds(k.Wait), microseconds(k.GeoWait),
	}
}

// changeOf is a change, and the fingerprint of its cause.
func changeOf(c *compare.Change, cause string) changeBody {
	return changeBody{
		identity: identityOf(&c.Identity), Measure: string(c.Measure), Verdict: string(c.Verdict), Flagged: c.Flagged, Cause: cause, Culprit: c.Culprit,
		Standing: string(c.Standing), Reason: string(c.Reason), Windows: c.Windows, Since: moment(c.Since), Onset: moment(c.Onset), Ended: moment(c.Ended),
		Effect: number(c.Effect), Low: number(c.Low), High: number(c.High), P: number(c.P), Q: number(c.Q), Impact: number(c.Impact),
		A: absoluteOf(&c.A), B: absoluteOf(&c.B), Exemplars: append([]string{}, c.Exemplars...), Fingerprint: c.Fingerprint,
	}
}
