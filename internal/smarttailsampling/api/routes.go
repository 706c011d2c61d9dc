package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
	"github.com/assayhq/assay/internal/wire"
)

// Sampler is what the handlers need of one.
type Sampler interface {
	Overview(ctx context.Context) (tailsampling.Overview, error)
	History(ctx context.Context, from, to time.Time) (tailsampling.History, error)
	Paths(ctx context.Context) ([]tailsampling.PathReport, error)
	Path(ctx context.Context, id tracesketch.Path, exemplars int) (detail tailsampling.PathDetail, ok bool, err error)
	ServiceMap(ctx context.Context) (tailsampling.ServiceMap, error)
	Explain(ctx context.Context, id pcommon.TraceID) (tailsampling.Explanation, error)
	// Warnings are what is probably not as it is meant to be.
	Warnings() []string
}

// handlers answer requests.
type handlers struct {
	sampler   Sampler
	overviews console.Shared[tailsampling.Overview]
	reports   console.Shared[[]tailsampling.PathReport] // in no order
	maps      console.Shared[*wire.ServiceMap]
}

// Routes are all there are.
func Routes(s Sampler) []console.Route {
	h := &handlers{sampler: s}
	route := func(path, summary string, handle func(*http.Request) (any, error), body any, parameters ...console.Parameter) console.Route {
		return console.Route{Method: http.MethodGet, Path: path, Summary: summary, Handler: answering(handle), About: console.About{
			Parameters: parameters,
			Answers:    []console.Reply{console.Answers(body), console.Refuses(http.StatusServiceUnavailable, "The sampler is shutting down; see Retry-After.")},
		}}
	}
	return []console.Route{
		route("/api/sampling", "the sampler: budget, what is kept and why, cut-offs, memory, warnings", h.overview, wire.Sampling{}),
		route("/api/sampling/history", "what came in and was kept over time, by reason", h.history, wire.SamplingHistory{},
			console.Parameter{Name: "from", Text: "an hour ago where none is given", Kind: console.Moment},
			console.Parameter{Name: "to", Text: "now where none is given", Kind: console.Moment}),
		route("/api/sampling/paths", "execution paths: rate, errors, durations, share that is kept", h.paths, wire.Paths{},
			console.Parameter{Name: "sort", Text: "the highest first", Of: []string{"rate", "errors", "kept", "p50", "p99"}},
			console.Parameter{Name: "limit", Text: "how many; fewer where the answer would be too large", Kind: console.Whole},
			console.Parameter{Name: "offset", Text: "how many are left out before", Kind: console.Whole},
			console.Parameter{Name: "service", Text: "of the endpoint"},
			console.Parameter{Name: "search", Text: "what the name of the endpoint's operation has in it, in any case"}),
		route("/api/sampling/paths/{path}", "an execution path: its calls, durations of all and of kept traces, examples", h.path, wire.PathDetail{},
			console.Parameter{Name: "exemplars", Text: "how many", Kind: console.Whole}),
		route("/api/sampling/map", "services and calls in all traces, and in those that are kept", h.serviceMap, wire.ServiceMap{}),
		route("/api/sampling/traces/{trace}", "why a trace was kept or not", h.trace, wire.Explanation{}),
	}
}

func answering(handle func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := handle(r)
		var refused console.RefusalError
		switch {
		case err == nil:
			console.Answer(w, http.StatusOK, body)
		case errors.As(err, &refused):
			console.Refuse(w, refused.Status, refused.Message)
		case errors.Is(err, tailsampling.ErrShutdown):
			w.Header().Set("Retry-After", "10")
			console.Refuse(w, http.StatusServiceUnavailable, "the sampler is shutting down; try again")
		default: // the client has gone
			console.Refuse(w, http.StatusServiceUnavailable, err.Error())
		}
	})
}
