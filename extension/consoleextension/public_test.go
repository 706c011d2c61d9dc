package consoleextension

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/extensiontest"

	"github.com/assayhq/assay/extension/consoleextension/internal/metadata"
	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/test/hosttest"
)

// A console that serves only the status page says nothing of what else there is.
func TestPublicConsole(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.NetAddr.Endpoint, cfg.Serve, cfg.Title = "127.0.0.1:0", []console.Group{console.Status}, "Traces"
	require.NoError(t, cfg.Validate())
	made, err := NewFactory().Create(t.Context(), extensiontest.NewNopSettings(metadata.Type), cfg)
	require.NoError(t, err)
	public := made.(*publicConsole)
	public.console.profile.pages, err = newPages(built)
	require.NoError(t, err)
	require.NoError(t, public.Start(t.Context(), &hosttest.Host{}))
	t.Cleanup(func() { require.NoError(t, public.Shutdown(context.Background())) })

	all := map[component.ID]component.Component{component.MustNewIDWithName("console", "public"): public}
	found, err := console.Find(all, nil)
	require.NoError(t, err)
	assert.Nil(t, found, "it is no console for everything")
	_, err = console.Find(all, &[]component.ID{component.MustNewIDWithName("console", "public")}[0])
	require.ErrorContains(t, err, "serves no routes of others")

	remove, err := console.RegisterPublic(all, one, console.Status, []console.Route{says("GET", "/api/public/status", "fine")})
	require.NoError(t, err)
	_, err = console.RegisterPublic(all, two, console.Status, nil)
	require.ErrorContains(t, err, "a console with serve shows one component, which is trace_diff already")
	other, err := console.RegisterPublic(all, two, "another group", []console.Route{says("GET", "/secret", "x")})
	require.NoError(t, err, "which nobody has chosen")
	other()

	e := public.console
	_, answer := e.ask(t, "GET", "/api/public/status")
	assert.Equal(t, "fine", answer)
	_, answer = e.ask(t, "GET", "/api/public/status?component=x")
	assert.Equal(t, "fine", answer, "there is nothing to choose, and nothing to guess")
	_, answer = e.ask(t, "GET", "/api/public/page")
	assert.Equal(t, map[string]any{"title": "Traces"}, answer)
	for _, header := range []string{browser, "*/*"} {
		response, text := e.read(t, "/", "Accept", header)
		assert.Equal(t, "text/html; charset=utf-8", response.Header.Get("Content-Type"))
		assert.Contains(t, text, "<title>Status</title>")
		assert.NotContains(t, response.Header.Get("Content-Security-Policy"), "unsafe")
	}
	for _, path := range []string{"/api/console", "/api/openapi.json", "/status", "/api/sampling", "/secret", "/public.html", "/index.html", "/api/public"} {
		status, answer := e.ask(t, "GET", path)
		assert.Equal(t, http.StatusNotFound, status, path)
		assert.Equal(t, message("there is nothing here; the status page is at /"), answer, path)
	}
	status, _ := e.ask(t, "POST", "/api/public/status")
	assert.Equal(t, http.StatusNotFound, status, "nor which methods there are")
	status, answer = e.ask(t, "POST", "/api/public/status", "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, http.StatusForbidden, status)
	assert.Equal(t, message("refused: the request comes from a page of another origin"), answer)
	assert.False(t, newHosts(e.config, e.address, "gateway").allow("elsewhere.example"))
	w := httptest.NewRecorder()
	newHosts(e.config, e.address, "gateway").protect(nil).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "http://elsewhere.example/", nil))
	assert.JSONEq(t, `{"message":"refused: nothing has this name here"}`, w.Body.String())
	remove()
	status, _ = e.ask(t, "GET", "/api/public/status")
	assert.Equal(t, http.StatusNotFound, status)
}

func TestValidateServe(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.Serve, cfg.Title = []console.Group{"statos"}, ""
	require.EqualError(t, cfg.Validate(), `serve::0: must be status, got "statos"; leave serve out to serve everything`+"\n"+"title: must have 1 to 200 bytes, has 0")
}
