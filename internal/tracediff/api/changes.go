package api

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
)

// changeBody is one verdict on one group.
type changeBody struct {
	identity
	Measure     string   `json:"measure"`
	Verdict     string   `json:"verdict"`
	Flagged     bool     `json:"flagged"`
	Standing    string   `json:"standing,omitempty"`
	Windows     int      `json:"windows"`
	Since       int64    `json:"since"`
	Effect      number   `json:"effect"` // latency and calls: B/A; errors and presence: B - A
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

// absolute is what a group was like on one side; latencies in µs.
type absolute struct {
	Spans      uint64 `json:"spans"`
	Traces     uint64 `json:"traces"`
	Weight     number `json:"weight"`
	Rate       number `json:"rate"` // spans/s, adjusted
	PerTrace   number `json:"perTrace"`
	ErrorShare number `json:"errorShare"`
	Mean       number `json:"mean"`
	GeoMean    number `json:"geoMean"`
	P50        number `json:"p50"`
	P95        number `json:"p95"`
	P99        number `json:"p99"`
	SelfMean   number `json:"selfMean"`
}

func absoluteOf(a *compare.Absolute) absolute {
	return absolute{
		a.Spans, a.Traces, number(a.Weight), number(a.Rate), number(a.PerTrace), number(a.ErrorShare),
		microseconds(a.Mean), microseconds(a.GeoMean), microseconds(a.P50), microseconds(a.P95), microseconds(a.P99), microseconds(a.SelfMean),
	}
}

func changeOf(c *compare.Change) changeBody {
	return changeBody{
		identity: identityOf(&c.Identity), Measure: string(c.Measure), Verdict: string(c.Verdict), Flagged: c.Flagged,
		Standing: string(c.Standing), Windows: c.Windows, Since: seconds(c.Since), Effect: number(c.Effect), Low: number(c.Low), High: number(c.High),
		P: number(c.P), Q: number(c.Q), Impact: number(c.Impact), A: absoluteOf(&c.A), B: absoluteOf(&c.B),
		Exemplars: append([]string{}, c.Exemplars...), Fingerprint: c.Fingerprint,
	}
}
