package main

import (
	"math"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The algorithm of the tutorial, as it describes it, in Go: a snapshot is an array of all its spans; comparing two takes, for each key to
// group by, the count, average latency and error ratio of each value, and reports every difference between them. It has no windows,
// takes each span as it comes, and knows nothing of duplicates or sampling.

// document is a span as the tutorial stores it.
type document struct {
	service, name string
	start, end    uint64 // us
	isError       bool
	tags          map[string]string
}

// archive is a snapshot.
type archive struct {
	mu    sync.Mutex
	spans []document
}

func (a *archive) consume(td ptrace.Traces) {
	var found []document
	for _, rs := range td.ResourceSpans().All() {
		service := ""
		if v, ok := rs.Resource().Attributes().Get("service.name"); ok {
			service = v.AsString()
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				d := document{
					service: service, name: span.Name(), start: uint64(span.StartTimestamp()) / 1000, end: uint64(span.EndTimestamp()) / 1000,
					isError: span.Status().Code() == ptrace.StatusCodeError, tags: make(map[string]string, span.Attributes().Len()),
				}
				span.Attributes().Range(func(k string, v pcommon.Value) bool {
					d.tags[k] = v.AsString()
					return true
				})
				found = append(found, d)
			}
		}
	}
	a.mu.Lock()
	a.spans = append(a.spans, found...)
	a.mu.Unlock()
}

// analysis is what is known of a value.
type analysis struct {
	value      string
	occurrence int
	avgLatency float64 // us
	errorRatio float64
}

// groupBy averages over the values of a key.
func (a *archive) groupBy(key string) (values []analysis) {
	type sums struct{ count, latency, errors int }
	groups := map[string]*sums{}
	var labels []string
	for i := range a.spans {
		d := &a.spans[i]
		label := d.tags[key]
		switch key {
		case "service":
			label = d.service
		case "operation":
			label = d.name
		}
		g := groups[label]
		if g == nil {
			g = &sums{}
			groups[label] = g
			labels = append(labels, label)
		}
		g.count++
		g.latency += int(d.end - d.start)
		if d.isError {
			g.errors++
		}
	}
	for _, label := range labels {
		g := groups[label]
		values = append(values, analysis{
			value: label, occurrence: g.count, avgLatency: math.Floor(float64(g.latency) / float64(g.count)),
			errorRatio: float64(g.errors) / float64(g.count),
		})
	}
	return values
}

// comparison is the diff of one key.
type comparison struct {
	appeared, missing []string
	diffs             []analysis
}

// compareAnalyses looks up each value in the list of the other side, as the tutorial does.
func compareAnalyses(a, b []analysis) (c comparison) {
	find := func(list []analysis, value string) int {
		return slices.IndexFunc(list, func(x analysis) bool { return x.value == value })
	}
	for _, x := range a {
		if find(b, x.value) < 0 {
			c.missing = append(c.missing, x.value)
		}
	}
	for _, y := range b {
		at := find(a, y.value)
		if at < 0 {
			c.appeared = append(c.appeared, y.value)
			continue
		}
		x := a[at]
		c.diffs = append(c.diffs, analysis{
			value: y.value, occurrence: y.occurrence - x.occurrence, avgLatency: y.avgLatency - x.avgLatency,
			errorRatio: math.Round((y.errorRatio-x.errorRatio)*100) / 100,
		})
	}
	return c
}
