package api

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
	"github.com/assayhq/assay/internal/wire"
)

// orders are what paths can be sorted by, the highest first.
var orders = map[string]func(*tailsampling.PathReport) float64{
	"rate":   func(r *tailsampling.PathReport) float64 { return r.Rate },
	"errors": func(r *tailsampling.PathReport) float64 { return r.Errors },
	"kept":   func(r *tailsampling.PathReport) float64 { return r.Kept },
	"p50":    func(r *tailsampling.PathReport) float64 { return float64(r.P50) },
	"p99":    func(r *tailsampling.PathReport) float64 { return float64(r.P99) },
}

// What is listed unless more is asked for, and at most.
const (
	pathsListed     = 100
	mostPaths       = 10_000
	exemplarsListed = 10
	mostExemplars   = 1000
	pathsBytes      = 960 << 10 // of a list of paths; the rest is asked for with offset
	callsBytes      = 512 << 10 // of the calls of a path
)

func (h *handlers) paths(r *http.Request) (any, error) {
	p := console.ParametersOf(r, "sort", "limit", "offset", "service", "search")
	order, ok := orders[cmp.Or(p.OneOf("sort", "rate", "errors", "kept", "p50", "p99"), "rate")]
	limit, offset := p.Number("limit", pathsListed, 1, mostPaths), p.Number("offset", 0, 0, math.MaxInt32)
	if err := p.Err(); err != nil || !ok {
		return nil, err
	}
	all, err := h.reports.Get(r.Context(), "", h.sampler.Paths)
	if err != nil {
		return nil, err
	}
	service, search := p.Text("service"), strings.ToLower(p.Text("search"))
	reports := make([]*tailsampling.PathReport, 0, len(all))
	for i := range all {
		if r := &all[i]; (service == "" || r.Endpoint.Service == service) && strings.Contains(strings.ToLower(r.Endpoint.Name), search) {
			reports = append(reports, r)
		}
	}
	slices.SortFunc(reports, func(a, b *tailsampling.PathReport) int {
		return cmp.Or(cmp.Compare(order(b), order(a)), cmp.Compare(b.Traces, a.Traces), cmp.Compare(a.Path, b.Path))
	})
	list := &wire.Paths{Paths: []wire.Path{}, Total: len(reports)}
	for _, r := range reports[min(offset, len(reports)):min(offset+limit, len(reports))] {
		list.Paths = append(list.Paths, pathOf(r))
	}
	list.Paths = console.Fit(list.Paths, pathsBytes)
	return list, nil
}

func (h *handlers) path(r *http.Request) (any, error) {
	p := console.ParametersOf(r, "exemplars")
	exemplars := p.Number("exemplars", exemplarsListed, 0, mostExemplars)
	id, err := strconv.ParseUint(r.PathValue("path"), 16, 64)
	if err != nil {
		p.Wrong(fmt.Sprintf("path: must be 16 hexadecimal digits, as in the attribute assay.sampling.path, got %q", r.PathValue("path")))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	d, ok, err := h.sampler.Path(r.Context(), tracesketch.Path(id), exemplars)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, console.RefusalError{Status: http.StatusNotFound, Message: "path: is not known, or has been forgotten; GET /api/sampling/paths lists those that are known"}
	}
	b := &wire.PathDetail{
		Path: pathOf(&d.PathReport), Calls: []wire.PathCall{}, Histogram: wire.Histogram{Observed: bucketsOf(d.Observed), Retained: bucketsOf(d.Retained)},
		Decisions: reasonsOf(d.Decisions), Exemplars: []wire.Exemplar{}, Since: d.Since.UTC(),
	}
	for _, e := range d.Edges {
		b.Calls = append(b.Calls, callOf(e))
	}
	b.Calls = console.Fit(b.Calls, callsBytes)
	for i := range d.Exemplars {
		e := &d.Exemplars[i]
		b.Exemplars = append(b.Exemplars, wire.Exemplar{
			TraceID: e.TraceID.String(), Decided: e.At.UTC(), Reason: e.Reason, Probability: wire.Number(e.Probability), Duration: e.Duration.Seconds(),
			Spans: e.Spans, Error: e.RootError,
		})
	}
	return b, nil
}

func pathOf(r *tailsampling.PathReport) wire.Path {
	b := wire.Path{
		Path: tailsampling.PathID(r.Path), Endpoint: operationOf(r.Endpoint), Shared: r.Shared, Traces: wire.Number(r.Traces), Rate: wire.Number(r.Rate),
		Errors: wire.Number(r.Errors), Kept: wire.Number(r.Kept), P50: wire.Number(r.P50.Seconds()), P90: wire.Number(r.P90.Seconds()), P99: wire.Number(r.P99.Seconds()),
	}
	if r.Wait > 0 {
		wait := r.Wait.Seconds()
		b.Wait = &wait
	}
	return b
}

func operationOf(n tailsampling.OperationName) wire.Operation {
	return wire.Operation{Service: n.Service, Name: n.Name, Kind: n.Kind.String()}
}

func callOf(e tailsampling.Edge) wire.PathCall {
	c := wire.PathCall{Callee: operationOf(e.Callee)}
	if e.Caller != (tailsampling.OperationName{}) {
		caller := operationOf(e.Caller)
		c.Caller = &caller
	}
	return c
}

func bucketsOf(buckets []tailsampling.Bucket) []wire.Bucket {
	out := []wire.Bucket{}
	for _, b := range buckets {
		out = append(out, wire.Bucket{From: b.From.Seconds(), To: b.To.Seconds(), Count: wire.Number(b.Count)})
	}
	return out
}
