package consoleextension

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/console"
)

func TestRoutesOfOneComponent(t *testing.T) {
	e := started(t, nil, nil)
	status, answer := e.ask(t, "GET", "/api/things")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Equal(t, message("there is nothing at /api/things; GET / lists what there is"), answer)

	remove, err := e.Register(one, []console.Route{
		says("GET", "/api/things", "all"), says("POST", "/api/things", "made"), says("GET", "/api/things/{id}", "one"),
	})
	require.NoError(t, err)
	for _, c := range []struct {
		method, path string
		status       int
		answer       any
	}{
		{"GET", "/api/things", 200, "all"},
		{"GET", "/api/things?component=trace_diff", 200, "all"},
		{"GET", "/api/things?component=trace_diff/eu", 404, message(`component: "trace_diff/eu" does not answer here; there is trace_diff`)},
		{"POST", "/api/things", 200, "made"},
		{"GET", "/api/things/7", 200, "one"},
		{"DELETE", "/api/things", 405, message("/api/things has GET and POST, not DELETE")},
		{"DELETE", "/api/things/7", 405, message("/api/things/7 has GET, not DELETE")},
		{"GET", "/api/others", 404, message("there is nothing at /api/others; GET / lists what there is")},
	} {
		status, answer := e.ask(t, c.method, c.path)
		assert.Equal(t, c.status, status, "%s %s", c.method, c.path)
		assert.Equal(t, c.answer, answer, "%s %s", c.method, c.path)
	}

	_, err = e.Register(one, nil)
	require.EqualError(t, err, "trace_diff: its routes are registered already")
	remove()
	remove() // twice does no harm
	status, _ = e.ask(t, "GET", "/api/things")
	assert.Equal(t, http.StatusNotFound, status)
	_, err = e.Register(one, nil)
	require.NoError(t, err, "a component that has left may come again, as it does on reload")
}

// The document says what is registered, and nothing of what is not.
func TestDocument(t *testing.T) {
	e := started(t, nil, nil)
	described := func() []string {
		status, answer := e.ask(t, "GET", "/api/openapi.json")
		assert.Equal(t, http.StatusOK, status)
		return slices.Sorted(maps.Keys(answer.(map[string]any)["paths"].(map[string]any)))
	}
	assert.Equal(t, []string{"/api/console", "/api/openapi.json"}, described())
	remove, err := e.Register(one, []console.Route{says("GET", "/api/topology", "all"), says("GET", "/api/things", "it does not know")})
	require.NoError(t, err)
	assert.Equal(t, []string{"/api/console", "/api/openapi.json", "/api/topology"}, described())
	remove()
	assert.Equal(t, []string{"/api/console", "/api/openapi.json"}, described())
}

// While there is one instance it need not be named; from the second on it must.
func TestRoutesOfTwoInstances(t *testing.T) {
	e := started(t, nil, nil)
	_, err := e.Register(one, []console.Route{says("GET", "/api/things", "first")})
	require.NoError(t, err)
	remove, err := e.Register(two, []console.Route{says("GET", "/api/things", "second"), says("GET", "/api/only", "mine")})
	require.NoError(t, err)

	status, answer := e.ask(t, "GET", "/api/things")
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Equal(t, message("component: several answer here, trace_diff and trace_diff/eu; choose one with ?component=trace_diff"), answer)
	_, answer = e.ask(t, "GET", "/api/things?component=trace_diff")
	assert.Equal(t, "first", answer)
	_, answer = e.ask(t, "GET", "/api/things?component=trace_diff%2Feu")
	assert.Equal(t, "second", answer)
	_, answer = e.ask(t, "GET", "/api/only")
	assert.Equal(t, "mine", answer)

	_, answer = e.ask(t, "GET", "/")
	assert.Equal(t, map[string]any{"name": "assay console", "version": "1.2.3", "trace_url": "", "routes": []any{
		map[string]any{"method": "GET", "path": "/api/only", "summary": "says mine", "components": []any{"trace_diff/eu"}},
		map[string]any{"method": "GET", "path": "/api/things", "summary": "says first", "components": []any{"trace_diff", "trace_diff/eu"}},
	}}, withSummary(answer, "/api/things", "says first"))

	remove()
	_, answer = e.ask(t, "GET", "/api/things")
	assert.Equal(t, "first", answer)
}

// withSummary sets a summary that may be either component's.
func withSummary(answer any, path, summary string) any {
	for _, r := range answer.(map[string]any)["routes"].([]any) {
		if route := r.(map[string]any); route["path"] == path {
			route["summary"] = summary
		}
	}
	return answer
}

// Patterns that no request could be told apart by are refused, and leave the others as they were.
func TestRoutesThatOverlap(t *testing.T) {
	e := started(t, nil, nil)
	_, err := e.Register(one, []console.Route{says("GET", "/api/{kind}/1", "a")})
	require.NoError(t, err)
	_, err = e.Register(two, []console.Route{says("GET", "/api/things/{id}", "b")})
	require.ErrorContains(t, err, "trace_diff/eu cannot register its routes: ")
	_, err = e.Register(two, []console.Route{says("GET", "no slash", "b")})
	require.ErrorContains(t, err, "trace_diff/eu cannot register its routes: ")
	_, answer := e.ask(t, "GET", "/api/things/1")
	assert.Equal(t, "a", answer)
}

// Requests go on while components come and go.
func TestRoutesChangeUnderRequests(t *testing.T) {
	e := started(t, nil, nil)
	_, err := e.Register(one, []console.Route{says("GET", "/api/things", "first")})
	require.NoError(t, err)
	var all sync.WaitGroup
	all.Go(func() {
		for n := range 50 {
			id := component.MustNewIDWithName("other", string(rune('a'+n%26)))
			remove, err := e.Register(id, []console.Route{says("GET", "/api/other", "other")})
			if err != nil {
				t.Errorf("registering %s: %v", id, err)
				return
			}
			remove()
		}
	})
	for range 50 {
		_, answer := e.ask(t, "GET", "/api/things")
		require.Equal(t, "first", answer)
	}
	all.Wait()
}
