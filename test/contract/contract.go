// Package contract holds requests and answers of routes against the OpenAPI document, in tests.
package contract

import (
	"bytes"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/openapi"
)

// Contract is the document, against which requests and answers are held.
type Contract struct {
	t        testing.TB
	paths    map[string]any
	compiler *jsonschema.Compiler
}

// New reads the document.
func New(t testing.TB) *Contract {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi.Document()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("openapi.json", document))
	return &Contract{t, document.(map[string]any)["paths"].(map[string]any), c}
}

// template finds what the document says of a request: its path in the document, and what stands there.
func (c *Contract) template(method, path string) (at string, operation map[string]any) {
	c.t.Helper()
	for template, methods := range c.paths {
		pattern := "^" + regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(template, "[^/]+") + "$"
		operation, ok := methods.(map[string]any)[strings.ToLower(method)].(map[string]any)
		if ok && regexp.MustCompile(pattern).MatchString(path) {
			return "/paths/" + pointer(template) + "/" + strings.ToLower(method), operation
		}
	}
	c.t.Fatalf("%s %s is not in the document", method, path)
	return "", nil
}

// pointer escapes a part of a JSON pointer, in the fragment of a URL.
func pointer(part string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(part))
}

// Conforms wants a JSON text to be as the schema at a place of the document says.
func (c *Contract) Conforms(at, text, what string) {
	c.t.Helper()
	schema, err := c.compiler.Compile("openapi.json#" + at)
	require.NoError(c.t, err, what)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoErrorf(c.t, err, "%s: %s", what, text)
	assert.NoErrorf(c.t, schema.Validate(value), "%s: %s", what, text)
}

// Check wants a request and its answer to be as the document says.
func (c *Contract) Check(method, target, body string, status int, header http.Header, text string) {
	c.t.Helper()
	u, err := url.Parse(target)
	require.NoError(c.t, err)
	what := method + " " + target
	at, operation := c.template(method, u.Path)
	answer, ok := operation["responses"].(map[string]any)[strconv.Itoa(status)].(map[string]any)
	if !assert.Truef(c.t, ok, "%s: status %d is not in the document: %s", what, status, text) {
		return
	}
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	require.NoError(c.t, err)
	require.Containsf(c.t, answer["content"], kind, "%s: is not in the document", what)
	if kind == "application/json" {
		c.Conforms(at+"/responses/"+strconv.Itoa(status)+"/content/"+pointer(kind)+"/schema", text, what)
	}
	if status >= http.StatusMultipleChoices {
		return
	}
	var known []string
	for _, p := range operation["parameters"].([]any) {
		known = append(known, p.(map[string]any)["name"].(string))
	}
	for name := range u.Query() {
		assert.Containsf(c.t, known, name, "%s: a parameter that is not in the document", what)
	}
	if body != "" {
		c.Conforms(at+"/requestBody/content/"+pointer("application/json")+"/schema", body, "body of "+what)
	}
}

// Checked serves routes, and holds every request for one of them and its answer against the document.
func Checked(t testing.TB, routes []console.Route) http.Handler {
	c, mux := New(t), http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.Method+" "+r.Path, r.Handler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		if r.Body != nil {
			_, err := body.ReadFrom(r.Body)
			assert.NoError(t, err)
		}
		copied := r.Clone(r.Context())
		copied.Body = http.NoBody
		if body.Len() > 0 {
			copied.Body = readCloser{bytes.NewReader(body.Bytes())}
		}
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, copied)
		if _, pattern := mux.Handler(r); pattern != "" {
			c.Check(r.Method, r.URL.String(), body.String(), answer.Code, answer.Header(), answer.Body.String())
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }
