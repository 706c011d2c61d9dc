package backend

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const echoPath = "/api/echo"

var (
	inJaegersWords = text(404, plain, `{"error":{"httpCode":404,"message":"No traces found"}}`)
	empty404       = text(404, "", "")
	echo           = text(200, plain, "echo")
)

func proto(t *testing.T, td ptrace.Traces) string {
	t.Helper()
	body, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return string(body)
}

// Each version has its own way to say that it does not have the trace.
func TestNotFoundIsAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		kind Kind
		answers
	}{
		"jaeger 1.76":            {KindJaeger, answers{v3Path: {inJaegersWords}}},
		"jaeger 1.62":            {KindJaeger, answers{v3Path: {text(404, plain, `{"error":{"httpCode":404,"message":"trace not found"}}`)}}},
		"tempo 1.5":              {KindTempo, answers{jsonPath: {text(404, asProtobuf, "trace not found")}}},
		"tempo 2.6":              {KindTempo, answers{jsonPath: {empty404}, echoPath: {echo}}},
		"tempo, in other words":  {KindTempo, answers{jsonPath: {text(404, plain, "no such trace")}, echoPath: {text(200, plain, "echo\n")}}},
		"tempo, trouble passing": {KindTempo, answers{jsonPath: {text(503, plain, ""), empty404}, echoPath: {text(503, plain, ""), echo}}},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := serve(t, c.kind, c.answers)
			got, err := b.Lookup(t.Context(), asked)
			require.NoError(t, err)
			assert.False(t, got.Found)
		})
	}
}

// A 404 that somebody else says is no word about the trace.
func TestNotFoundOfOthers(t *testing.T) {
	gateway := text(404, asJSON, `{"message":"no Route matched with those values"}`)
	for name, c := range map[string]struct {
		kind Kind
		answers
		want string
	}{
		"jaeger behind a gateway": {KindJaeger, answers{v3Path: {gateway}}, `status 404: {"message":"no Route matched with those values"}; is this its address?`},
		"jaeger, empty":           {KindJaeger, answers{v3Path: {empty404}}, "status 404: no text; is this its address?"},
		"tempo behind a gateway":  {KindTempo, answers{jsonPath: {gateway}, echoPath: {gateway}}, "; is this its address? there is no /api/echo either"},
		"tempo, empty":            {KindTempo, answers{jsonPath: {empty404}}, "/api/echo: status 404: 404 page not found"},
		"an echo of another sort": {KindTempo, answers{jsonPath: {empty404}, echoPath: {text(200, asJSON, `{"path":"/api/echo"}`)}}, `/api/echo must answer "echo", got`},
		"a page for everything":   {KindTempo, answers{jsonPath: {empty404}, echoPath: {text(200, "text/html", "<html>log in")}}, "a web page instead of an answer"},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := serve(t, c.kind, c.answers)
			got, err := b.Lookup(t.Context(), asked)
			require.ErrorContains(t, err, c.want)
			assert.False(t, got.Found)
		})
	}
}

// A backend without words is believed as long as it still shows what it has shown before.
func TestNotFoundBesideWhatIsThere(t *testing.T) {
	other := Question{ID: [16]byte{1}}
	otherPath := map[Kind]string{KindJaeger: "/api/v3/traces/" + other.ID.String(), KindTempo: "/api/traces/" + other.ID.String()}
	for kind, a := range map[Kind]answers{
		KindJaeger: {v3Path: {text(200, asJSON, v3(spans())), text(200, asJSON, v3(spans())), empty404}, jsonPath: {text(200, asJSON, `{"data":[]}`)}},
		KindTempo:  {jsonPath: {text(200, asProtobuf, proto(t, spans())), text(200, asProtobuf, proto(t, spans())), empty404}},
	} {
		a[otherPath[kind]] = []http.HandlerFunc{empty404}
		b, _ := serve(t, kind, a)
		got, err := b.Lookup(t.Context(), asked)
		require.NoError(t, err, kind)
		require.True(t, got.Found, kind)
		got, err = b.Lookup(t.Context(), other)
		require.NoError(t, err, kind)
		assert.False(t, got.Found, kind)
		_, err = b.Lookup(t.Context(), other)
		require.ErrorContains(t, err, "status 404: no text; is this its address?", "%s does not show it any more", kind)
	}
}

// While a proxy comes back its 404 is not taken for the word of the backend that answers next.
func TestNotFoundWhileAProxyComesBack(t *testing.T) {
	b, seen := serve(t, KindTempo, answers{jsonPath: {empty404, text(200, asProtobuf, proto(t, spans()))}, echoPath: {echo}})
	got, err := b.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.True(t, got.Found)
	assert.Len(t, *seen, 3)
}

// A trace that was not asked for says nothing of the one that was, not even that it is missing.
func TestAnotherTrace(t *testing.T) {
	other := spans()
	other.ResourceSpans().At(0).ScopeSpans().At(1).Spans().At(0).SetTraceID([16]byte{1})
	for kind, a := range map[Kind]answers{
		KindJaeger: {v3Path: {text(200, asJSON, v3(other))}},
		KindTempo:  {jsonPath: {text(200, asProtobuf, proto(t, other))}},
	} {
		b, _ := serve(t, kind, a)
		got, err := b.Lookup(t.Context(), asked)
		require.ErrorContains(t, err, "answered with a span of trace 01000000000000000000000000000000", kind)
		assert.False(t, got.Found, kind)
	}
}
