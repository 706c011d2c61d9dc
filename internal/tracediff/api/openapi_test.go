package api

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	openapi "github.com/google/gnostic-models/openapiv3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
)

// contract is the served document, against which every request and answer of this package's tests is checked.
type contract struct {
	t     *testing.T
	paths map[string]map[string]any
	root  map[string]any
}

func newContract(t *testing.T) *contract {
	t.Helper()
	var root map[string]any
	require.NoError(t, json.Unmarshal(document, &root))
	c := &contract{t: t, root: root, paths: map[string]map[string]any{}}
	for path, methods := range root["paths"].(map[string]any) {
		c.paths[path] = methods.(map[string]any)
	}
	return c
}

// resolve puts what a reference names in its place, at all depths.
func (c *contract) resolve(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if to, ok := v["$ref"].(string); ok {
			var at any = c.root
			for _, name := range strings.Split(strings.TrimPrefix(to, "#/"), "/") {
				at = at.(map[string]any)[name]
			}
			require.NotNil(c.t, at, to)
			return c.resolve(at)
		}
		out := map[string]any{}
		for k, e := range v {
			out[k] = c.resolve(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = c.resolve(e)
		}
		return out
	}
	return v
}

// operation finds what the document says of a request.
func (c *contract) operation(method, path string) map[string]any {
	c.t.Helper()
	for template, methods := range c.paths {
		pattern := "^" + regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(template, "[^/]+") + "$"
		if regexp.MustCompile(pattern).MatchString(path) && methods[strings.ToLower(method)] != nil {
			return c.resolve(methods[strings.ToLower(method)]).(map[string]any)
		}
	}
	c.t.Fatalf("%s %s is not in the document", method, path)
	return nil
}

// conforms validates a JSON value against a schema.
func (c *contract) conforms(schema any, text, what string) {
	c.t.Helper()
	packed, err := json.Marshal(schema)
	require.NoError(c.t, err)
	var s spec.Schema
	require.NoError(c.t, json.Unmarshal(packed, &s))
	var value any
	require.NoErrorf(c.t, json.Unmarshal([]byte(text), &value), "%s: %s", what, text)
	result := validate.NewSchemaValidator(&s, nil, "", strfmt.Default).Validate(value)
	assert.Truef(c.t, result.IsValid(), "%s: %v\n%s", what, result.AsError(), text)
}

// check wants a request and its answer to be as the document says.
func (c *contract) check(method, target, body string, response answered, text string) {
	c.t.Helper()
	u, err := url.Parse(target)
	require.NoError(c.t, err)
	what := method + " " + target
	o := c.operation(method, u.Path)
	answer, ok := o["responses"].(map[string]any)[strconv.Itoa(response.StatusCode)].(map[string]any)
	if !assert.Truef(c.t, ok, "%s: status %d is not in the document: %s", what, response.StatusCode, text) {
		return
	}
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	require.NoError(c.t, err)
	content, ok := answer["content"].(map[string]any)[kind].(map[string]any)
	require.Truef(c.t, ok, "%s: %s is not in the document", what, kind)
	if kind == "application/json" {
		c.conforms(content["schema"], text, what)
	}
	if response.StatusCode >= 300 {
		return
	}
	var known []string
	for _, p := range o["parameters"].([]any) {
		known = append(known, p.(map[string]any)["name"].(string))
	}
	for name := range u.Query() {
		assert.Containsf(c.t, known, name, "%s: a parameter that is not in the document", what)
	}
	if body != "" {
		request := o["requestBody"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)
		c.conforms(request["schema"], body, "body of "+what)
	}
}

// checked makes a server whose every answer is checked.
func checked(t *testing.T) *server {
	t.Helper()
	s, c := newServer(t), newContract(t)
	s.ask = func(method, path, body string) (answered, string) {
		response, text := s.send(method, path, body)
		if http.StatusMethodNotAllowed != response.StatusCode {
			c.check(method, path, body, response, text)
		}
		return response, text
	}
	return s
}

// The document is one of OpenAPI, and names the routes that there are, no more and no fewer.
func TestDocument(t *testing.T) {
	_, err := openapi.ParseDocument(document)
	require.NoError(t, err)
	var have, said []string
	for _, r := range Routes(nil) {
		have = append(have, r.Method+" "+r.Path)
	}
	for path, methods := range newContract(t).paths {
		for method := range maps.Keys(methods) {
			said = append(said, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(have)
	slices.Sort(said)
	assert.Equal(t, have, said)

	s := checked(t)
	var served any
	s.answer(http.StatusOK, &served, "GET", "/api/openapi.json", "")
	text, err := json.Marshal(served)
	require.NoError(t, err)
	assert.JSONEq(t, string(document), string(text))
}

// What the check is for: a field that the document does not know, or one too few, is found.
func TestDocumentFindsDifferences(t *testing.T) {
	c := newContract(t)
	schema := c.resolve(map[string]any{"$ref": "#/components/schemas/Problem"})
	for text, right := range map[string]bool{`{"message":"m"}`: true, `{"message":"m","more":1}`: false, `{}`: false, `{"message":1}`: false} {
		packed, err := json.Marshal(schema)
		require.NoError(t, err)
		var s spec.Schema
		require.NoError(t, json.Unmarshal(packed, &s))
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		assert.Equal(t, right, validate.NewSchemaValidator(&s, nil, "", strfmt.Default).Validate(value).IsValid(), text)
	}
}
