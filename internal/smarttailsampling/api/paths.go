package api

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/jsonnumber"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
)

type pathsBody struct {
	Paths []Path `json:"paths"`
	Total int    `json:"total"` // that match
}

// Path is an execution path. Figures are decayed: a trace of one half-life ago counts half.
type Path struct {
	Path     string    `json:"path"`
	Endpoint Operation `json:"endpoint"`
	Shared   bool      `json:"shared"` // by all paths of the endpoint that have no place of their own
	Traces   number    `json:"traces"` // that the figures rest on
	Rate     number    `json:"rate"`   // traces a second
	Errors   number    `json:"errors"`
	Kept     number    `json:"kept"`
	P50      number    `json:"p50_seconds"`
	P90      number    `json:"p90_seconds"`
	P99      number    `json:"p99_seconds"`
	Wait     *number   `json:"wait_seconds"` // quiet time before a complete trace is decided
}

// Operation is what a span does.
type Operation struct {
	Service string `json:"service"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
}

type pathDetailBody struct {
	Path
	Calls     []callBody     `json:"calls"`
	Histogram histogramBody  `json:"histogram"`
	Decisions []reasonBody   `json:"decisions"` // since Since
	Exemplars []exemplarBody `json:"exemplars"` // kept since Since, the latest first
	Since     time.Time      `json:"since"`
}

// callBody is a call on a path; caller is null for a root.
type callBody struct {
	Caller *Operation `json:"caller"`
	Callee Operation  `json:"callee"`
}

// histogramBody counts all traces, and those that are kept. Buckets without any are left out.
type histogramBody struct {
	Observed []bucketBody `json:"observed"`
	Retained []bucketBody `json:"retained"`
}

type bucketBody struct {
	From  number `json:"from_seconds"`
	To    number `json:"to_seconds"`
	Count number `json:"count"`
}

type exemplarBody struct {
	TraceID     string    `json:"trace_id"`
	Decided     time.Time `json:"decided"`
	Reason      string    `json:"reason"`
	Probability number    `json:"probability"`
	Duration    number    `json:"duration_seconds"`
	Spans       int       `json:"spans"`
	Error       bool      `json:"error"` // of the root
}

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
	mostBytes       = 768 << 10 // of a list of paths, about; the rest is asked for with offset
	pathBytes       = 300       // of a path as JSON, without its names
	mostExemplars   = 1000
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
	list := &pathsBody{Paths: []Path{}, Total: len(reports)}
	size := 0
	for i := min(offset, len(reports)); i < len(reports) && len(list.Paths) < limit && size < mostBytes; i++ {
		list.Paths = append(list.Paths, pathOf(reports[i]))
		size += pathBytes + len(reports[i].Endpoint.Service) + len(reports[i].Endpoint.Name)
	}
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
	b := &pathDetailBody{
		Path: pathOf(&d.PathReport), Calls: []callBody{}, Histogram: histogramBody{bucketsOf(d.Observed), bucketsOf(d.Retained)},
		Decisions: reasonsOf(d.Decisions), Exemplars: []exemplarBody{}, Since: d.Since.UTC(),
	}
	for _, e := range d.Edges {
		b.Calls = append(b.Calls, callOf(e))
	}
	for i := range d.Exemplars {
		e := &d.Exemplars[i]
		b.Exemplars = append(b.Exemplars, exemplarBody{
			e.TraceID.String(), e.At.UTC(), e.Reason, number(e.Probability), Seconds(e.Duration), e.Spans, e.RootError,
		})
	}
	return b, nil
}

func pathOf(r *tailsampling.PathReport) Path {
	b := Path{
		Path: tailsampling.PathID(r.Path), Endpoint: operationOf(r.Endpoint), Shared: r.Shared, Traces: number(r.Traces), Rate: number(r.Rate),
		Errors: number(r.Errors), Kept: number(r.Kept), P50: Seconds(r.P50), P90: Seconds(r.P90), P99: Seconds(r.P99),
	}
	if r.Wait > 0 {
		wait := Seconds(r.Wait)
		b.Wait = &wait
	}
	return b
}

func operationOf(n tailsampling.OperationName) Operation {
	return Operation{n.Service, n.Name, n.Kind.String()}
}

func callOf(e tailsampling.Edge) callBody {
	c := callBody{Callee: operationOf(e.Callee)}
	if e.Caller != (tailsampling.OperationName{}) {
		caller := operationOf(e.Caller)
		c.Caller = &caller
	}
	return c
}

func bucketsOf(buckets []tailsampling.Bucket) []bucketBody {
	out := []bucketBody{}
	for _, b := range buckets {
		out = append(out, bucketBody{Seconds(b.From), Seconds(b.To), number(b.Count)})
	}
	return out
}

// Seconds is a duration as answers have it.
func Seconds(d time.Duration) jsonnumber.Number { return number(d.Seconds()) }

// Unknown is a number that is null.
func Unknown() jsonnumber.Number { return number(math.NaN()) }
