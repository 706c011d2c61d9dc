package metricscheck

import (
	"cmp"
	"fmt"
	"slices"
)

// Finding is a number that cannot be right.
type Finding struct {
	Series    Series
	Quantity  string  // "count", or "at most 250ms"
	Got       float64 // increase between the two readings
	Low, High float64 // what it must be at least and at most
}

// String says it for people.
func (f Finding) String() string {
	status := "ok"
	if f.Series.Failed {
		status = "error"
	}
	return fmt.Sprintf("%s %q (%s, %s), %s: %v, must be %v to %v", f.Series.Service, f.Series.Span, f.Series.Kind, status, f.Quantity, f.Got, f.Low, f.High)
}

// Check compares the increase between two readings with what must (low) and what can (high) have been added between them.
// An increase below zero, or other bounds, say that the counters began anew; then nothing can be said, and known is false. Low
// and high must be for the bounds of after. Series that are not the sentinel's are not looked at. Findings are in the order of
// their series.
func Check(before, after Reading, low, high Counts) (findings []Finding, known bool) {
	bounds := after.Bounds
	if !slices.Equal(before.Bounds, bounds) {
		return nil, false
	}
	for series := range high {
		empty := &Histogram{Buckets: make([]float64, len(bounds))}
		was, is := cmp.Or(before.Counts[series], empty), cmp.Or(after.Counts[series], empty)
		least, most := cmp.Or(low[series], empty), high[series]
		if !(is.Count >= was.Count) {
			return nil, false
		}
		add := func(quantity string, got, low, high float64) {
			if !(got >= low && got <= high) { // so that NaN never is right
				findings = append(findings, Finding{series, quantity, got, low, high})
			}
		}
		add("count", is.Count-was.Count, least.Count, most.Count)
		for i, b := range bounds {
			add("at most "+b.String(), is.Buckets[i]-was.Buckets[i], least.Buckets[i], most.Buckets[i])
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Series.Service, b.Series.Service), cmp.Compare(a.Series.Span, b.Series.Span),
			cmp.Compare(a.Series.Kind, b.Series.Kind))
	})
	return findings, true
}
