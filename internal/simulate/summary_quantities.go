package simulate

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// TracesAt names, before the name of an endpoint, the number of its traces.
const TracesAt = "traces at "

func summarizeQuantities(runs []*run) []Quantity {
	list := []Quantity{
		quantity("traces", runs, func(r *run) (Estimate, bool) { return r.report.Recovered.Traces, true }),
		quantity("spans", runs, func(r *run) (Estimate, bool) { return r.report.Recovered.Spans, true }),
		quantity("traces with an error", runs, func(r *run) (Estimate, bool) { return r.report.Recovered.Errors, true }),
		quantity("traces with a failed root", runs, func(r *run) (Estimate, bool) { return r.report.Recovered.RootErrors, true }),
	}
	names := map[string]bool{}
	for _, r := range runs {
		for name := range r.endpoints {
			names[name] = true
		}
	}
	var endpoints []Quantity
	for name := range names {
		endpoints = append(endpoints, quantity(TracesAt+name, runs, func(r *run) (Estimate, bool) {
			e, ok := r.endpoints[name]
			return e, ok
		}))
	}
	slices.SortFunc(endpoints, func(a, b Quantity) int {
		return cmp.Or(cmp.Compare(b.Truth, a.Truth), strings.Compare(a.Name, b.Name))
	})
	return append(list, endpoints...)
}

// quantity looks at one estimate in all runs in which there is something to estimate.
func quantity(name string, runs []*run, of func(*run) (Estimate, bool)) Quantity {
	q := Quantity{Name: name, Exact: true}
	var off []float64
	for _, r := range runs {
		e, ok := of(r)
		if !ok {
			continue
		}
		off = append(off, e.Value-e.Truth)
		q.Truth += e.Truth
		q.Estimate += e.Value
		q.Kept += float64(e.Kept)
		q.Coverage += float64(one(e.Holds()))
		q.Wald += float64(one(e.WaldHolds()))
		q.StdErr += e.StdErr * e.StdErr
		q.Design += e.Design * e.Design
		q.Exact = q.Exact && holds(e.Value, e.Value, e.Truth)
	}
	n := max(1, float64(len(off)))
	for _, v := range [...]*float64{&q.Truth, &q.Estimate, &q.Kept, &q.Coverage, &q.Wald, &q.StdErr, &q.Design} {
		*v /= n
	}
	q.StdErr, q.Design = math.Sqrt(q.StdErr), math.Sqrt(q.Design)
	s := spreadOf(off)
	q.SD = s.SD
	if se := max(q.SD, q.Design) / math.Sqrt(n); se > 0 {
		q.Bias = s.Mean / se
	}
	return q
}

func summarizeDerived(runs []*run) []Derived {
	var list []Derived
	for _, q := range [...]struct {
		name string
		of   func(*RecoveredReport) Estimate
	}{
		{"error rate", func(r *RecoveredReport) Estimate { return r.ErrorRate }},
		{"p50", func(r *RecoveredReport) Estimate { return r.P50 }},
		{"p90", func(r *RecoveredReport) Estimate { return r.P90 }},
		{"p99", func(r *RecoveredReport) Estimate { return r.P99 }},
	} {
		d := Derived{Quantity: quantity(q.name, runs, func(r *run) (Estimate, bool) {
			e := q.of(&r.report.Recovered)
			return e, e.Kept > 0
		})}
		var ratios []float64
		for _, r := range runs {
			if e := q.of(&r.report.Recovered); e.Kept > 0 && e.Truth > 0 {
				ratios = append(ratios, e.Value/e.Truth)
			}
		}
		d.Ratio = spreadOf(ratios)
		list = append(list, d)
	}
	return list
}
