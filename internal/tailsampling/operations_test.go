package tailsampling

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// An operation can be named for a report, whatever it is called: shortened, and as valid UTF-8.
func TestOperationsAreNamed(t *testing.T) {
	for name, want := range map[string]string{
		"GET /cart/42":           "GET /cart/*",
		"":                       "",
		"\xff\xfe":               "\uFFFD",
		strings.Repeat("é", 300): strings.Repeat("é", 128),
		strings.Repeat("日", 300): strings.Repeat("日", 85) + "\uFFFD",
	} {
		h := newHarness(t, all)
		td := makeBatch(traceID(1, 0.5), spec{id: 1, service: "sh\xffop", name: name})
		td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetKind(ptrace.SpanKindServer)
		h.send(td)
		h.finish()
		got, ok := h.engine.OperationName(h.order[0].Endpoint)
		require.True(t, ok)
		assert.Equal(t, OperationName{Service: "sh\uFFFDop", Name: want, Kind: ptrace.SpanKindServer}, got)
		assert.True(t, utf8.ValidString(got.Name))
		_, ok = h.engine.OperationName(1)
		assert.False(t, ok)
	}
}

// Operations differ by service, name, kind and the configured attributes, those of the resource included.
func TestOperationsAreToldApart(t *testing.T) {
	h := newHarness(t, func(c *Config) { all(c); c.Paths.Attributes = []string{"tag"} })
	changes := []func(rs ptrace.ResourceSpans, s ptrace.Span){
		func(ptrace.ResourceSpans, ptrace.Span) {},
		func(rs ptrace.ResourceSpans, _ ptrace.Span) {
			rs.Resource().Attributes().PutStr("service.name", "cart")
		},
		func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetName("POST /") },
		func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetKind(ptrace.SpanKindClient) },
		func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetKind(77) },
		func(_ ptrace.ResourceSpans, s ptrace.Span) { s.Attributes().PutInt("tag", 1) },
		func(rs ptrace.ResourceSpans, _ ptrace.Span) { rs.Resource().Attributes().PutStr("tag", "2") },
	}
	for n, change := range changes {
		for again := range 2 {
			td := makeBatch(traceID(2*n+again, 0.5), spec{id: 1, service: "shop", name: "GET /"})
			rs := td.ResourceSpans().At(0)
			change(rs, rs.ScopeSpans().At(0).Spans().At(0))
			h.send(td)
		}
	}
	h.finish()
	endpoints := map[any]int{}
	for _, d := range h.order {
		endpoints[d.Endpoint]++
	}
	assert.Len(t, endpoints, len(changes))
	for _, n := range endpoints {
		assert.Equal(t, 2, n)
	}
}
