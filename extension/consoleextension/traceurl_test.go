package consoleextension

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTraceURL(t *testing.T) {
	const example = "such as http://localhost:16686/trace/{trace_id}"
	for value, want := range map[string]string{
		"":                                     "",
		"http://jaeger:16686/trace/{trace_id}": "",
		`https://grafana.example.org/explore?left={"queries":[{"query":"{trace_id}"}]}`: "",
		"http://jaeger:16686/trace/":         "trace_url: must contain {trace_id} where the id of the trace belongs, " + example + `, got "http://jaeger:16686/trace/"`,
		"javascript:alert('{trace_id}')":     "trace_url: must be a URL, " + example + `, got "javascript:alert('{trace_id}')"`,
		"jaeger:16686/trace/{trace_id}":      "trace_url: must be a URL, " + example + `, got "jaeger:16686/trace/{trace_id}"`,
		"//jaeger/trace/{trace_id}":          "trace_url: must be a URL, " + example + `, got "//jaeger/trace/{trace_id}"`,
		"http://me:secret@jaeger/{trace_id}": "trace_url: must have no user and password: everybody who sees the console would see them, " + example + `, got "http://me:xxxxx@jaeger/4bf92f3577b34da6a3ce929d0e0e4736"`,
	} {
		err := traceURL(value).validate()
		if want == "" {
			require.NoError(t, err, value)
			continue
		}
		assert.EqualError(t, err, want, value)
	}
}

func TestTraceURLIsServed(t *testing.T) {
	e := started(t, nil, func(c *Config) { c.TraceURL = "http://jaeger:16686/trace/{trace_id}" })
	_, list := e.ask(t, "GET", "/api/console")
	assert.Equal(t, "http://jaeger:16686/trace/{trace_id}", list.(map[string]any)["trace_url"])
}
