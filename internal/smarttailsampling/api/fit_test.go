package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
)

// crowded is a sampler that knows 10,000 paths and a map of 2,000 services, under names that take six times their length as JSON.
type crowded struct{ *sampler }

func long(n int) string { return fmt.Sprintf("%05d", n) + strings.Repeat("<", 250) }

func (crowded) ConsumeTraces(context.Context, ptrace.Traces) error { return nil }

func (crowded) Paths(context.Context) (list []tailsampling.PathReport, err error) {
	for n := range 10_000 {
		list = append(list, tailsampling.PathReport{
			Path: tracesketch.Path(n), Endpoint: tailsampling.OperationName{Service: long(n), Name: long(n)}, Traces: float64(n) / 7, Rate: float64(n) / 7,
		})
	}
	return list, nil
}

func (crowded) Path(context.Context, tracesketch.Path, int) (d tailsampling.PathDetail, ok bool, err error) {
	for n := range 256 {
		name := tailsampling.OperationName{Service: long(n), Name: long(n)}
		d.Edges = append(d.Edges, tailsampling.Edge{Caller: name, Callee: name})
	}
	d.Exemplars = make([]tailsampling.Exemplar, mostExemplars)
	return d, true, nil
}

func (crowded) ServiceMap(context.Context) (m tailsampling.ServiceMap, err error) {
	for n := range 2000 {
		m.Services = append(m.Services, tailsampling.MapPart{Service: long(n), Traces: 1.0 / 7})
		for to := range 5 {
			m.Calls = append(m.Calls, tailsampling.MapPart{Caller: long(n), Service: long(n + to), Traces: 1.0 / 7})
		}
	}
	return m, nil
}

// However much there is, no answer is larger than it may be, and what is left can be asked for, or is said to be there.
func TestAnswersAreBounded(t *testing.T) {
	s := crowded{newSampler(t)}
	mux := http.NewServeMux()
	for _, r := range Routes(s) {
		mux.Handle(r.Method+" "+r.Path, r.Handler)
	}
	ask := func(path string) any {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		assert.Less(t, w.Body.Len(), console.MostBytes, path)
		return decoded(t, w.Body.Bytes())
	}
	seen := 0
	for seen < 1000 {
		page := ask(fmt.Sprintf("/api/sampling/paths?limit=10000&offset=%d", seen))
		require.InDelta(t, 10_000, at(t, page, "total"), 0)
		n := len(at(t, page, "paths").([]any))
		require.Greater(t, n, 200)
		seen += n
	}
	calls := at(t, ask("/api/sampling/paths/0000000000000001?exemplars=1000"), "calls").([]any)
	assert.Greater(t, len(calls), 50)
	everything := ask("/api/sampling/map")
	assert.Equal(t, true, at(t, everything, "truncated"))
	assert.Greater(t, len(at(t, everything, "services").([]any)), 200)
	assert.Greater(t, len(at(t, everything, "calls").([]any)), 100)
}
