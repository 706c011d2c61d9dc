package consoleextension

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/test/hosttest"
)

var one, two = component.MustNewIDWithName("trace_diff", ""), component.MustNewIDWithName("trace_diff", "eu")

// built are pages as npm would build them.
var built = fstest.MapFS{
	"public.html":        {Data: []byte("<!doctype html><title>Status</title>")},
	"index.html":         {Data: []byte("<!doctype html><title>Assay</title>")},
	"icon.svg":           {Data: []byte("<svg/>")},
	"assets/main-abc.js": {Data: []byte(strings.Repeat("console.log(1)\n", 100))},
	".gitkeep":           {},
}

// started is a console on a port of its own, with a change.
func started(t *testing.T, extensions map[component.ID]component.Component, change func(*Config)) *consoleExtension {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.NetAddr.Endpoint = "127.0.0.1:0"
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	e := unstarted(t, cfg)
	if extensions == nil {
		extensions = map[component.ID]component.Component{}
	}
	require.NoError(t, e.Start(t.Context(), &hosttest.Host{Extensions: extensions}))
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e
}

func unstarted(t *testing.T, cfg *Config) *consoleExtension {
	t.Helper()
	e, err := newExtension(cfg, "1.2.3", built, componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	return e
}

// says is a route that answers with a word.
func says(method, path, word string) console.Route {
	return console.Route{Method: method, Path: path, Summary: "says " + word, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { console.Answer(w, http.StatusOK, word) })}
}

// ask sends a request and returns the status and the decoded answer.
func (e *consoleExtension) ask(t *testing.T, method, path string, headers ...string) (int, any) {
	t.Helper()
	response := e.send(t, http.DefaultClient, "http", method, path, headers...)
	defer func() { require.NoError(t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var answer any
	require.NoErrorf(t, json.Unmarshal(text, &answer), "%s", text)
	require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	return response.StatusCode, answer
}

func (e *consoleExtension) send(t *testing.T, client *http.Client, scheme, method, path string, headers ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, scheme+"://"+e.address.String()+path, strings.NewReader(""))
	require.NoError(t, err)
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	response, err := client.Do(request)
	require.NoError(t, err)
	return response
}

func message(text string) any { return map[string]any{"message": text} }
