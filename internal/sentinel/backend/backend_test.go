package backend

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

var (
	traceID = pcommon.TraceID{0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36}
	when    = time.Unix(1_800_000_000, 0)
	asked   = Question{ID: traceID, From: when, To: when.Add(time.Minute)}
)

const (
	v3Path   = "/api/v3/traces/4bf92f3577b34da6a3ce929d0e0e4736"
	jsonPath = "/api/traces/4bf92f3577b34da6a3ce929d0e0e4736"
)

// spans are two spans of a trace, the second with a leading zero in its id.
func spans() ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	for i := range 2 {
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(traceID)
		s.SetSpanID(pcommon.SpanID{byte(1 - i), 2, 3, 4, 5, 6, 7, 8})
		s.SetName("GET /")
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(when))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(when.Add(time.Second)))
	}
	return td
}

// v3 writes spans as Jaeger's API v3 does.
func v3(td ptrace.Traces) string {
	b, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	if err != nil {
		panic(err)
	}
	return `{"result":` + string(b) + `}`
}

// answers maps a path to what a server answers, in this order; the last answer is repeated.
type answers map[string][]http.HandlerFunc

func text(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const (
	asJSON     = "application/json"
	asProtobuf = "application/protobuf"
	plain      = "text/plain; charset=utf-8"
)

// serve starts a backend that answers so, and returns what asks it and the requests that it got.
func serve(t *testing.T, kind Kind, a answers) (Backend, *[]*http.Request) {
	t.Helper()
	var mu sync.Mutex // guards seen and a
	var seen []*http.Request
	next := func(r *http.Request) http.HandlerFunc {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r)
		list := a[r.URL.Path]
		if len(list) == 0 {
			return http.NotFound
		}
		if len(list) > 1 {
			a[r.URL.Path] = list[1:]
		}
		return list[0]
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next(r)(w, r) }))
	t.Cleanup(server.Close)
	b, err := New(kind, server.URL, server.Client())
	require.NoError(t, err)
	instantly := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	switch b := b.(type) {
	case *jaeger:
		b.Wait = instantly
	case *tempo:
		b.Wait = instantly
	}
	return b, &seen
}

func TestJaegerFinds(t *testing.T) {
	b, seen := serve(t, KindJaeger, answers{
		v3Path: {text(200, asJSON, v3(spans()))},
		jsonPath: {text(200, asJSON, `{"data":[{"traceID":"x","spans":[{"spanID":"0102030405060708"},{"spanID":"2030405060708"},
			{"spanID":"2030405060708"}],"processes":{}}],"total":0,"limit":0,"offset":0,"errors":null}`)},
	})
	got, err := b.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.True(t, got.Found)
	assert.Equal(t, spans(), got.Traces)
	assert.Equal(t, map[pcommon.SpanID]int{{1, 2, 3, 4, 5, 6, 7, 8}: 1, {0, 2, 3, 4, 5, 6, 7, 8}: 2}, got.Copies)
	query := (*seen)[0].URL.Query()
	assert.Equal(t, "2027-01-15T08:00:00Z", query.Get("start_time"))
	assert.Equal(t, "2027-01-15T08:01:00Z", query.Get("end_time"))
	assert.Equal(t, "true", query.Get("raw_traces"))
}

// A server may stream the trace in several parts.
func TestJaegerFindsParts(t *testing.T) {
	b, _ := serve(t, KindJaeger, answers{
		v3Path: {text(200, asJSON, v3(spans())+"\n"+v3(spans()))}, jsonPath: {inJaegersWords, http.NotFound},
	})
	got, err := b.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.Equal(t, 4, got.Traces.SpanCount())
	assert.Nil(t, got.Copies)
	_, err = b.Lookup(t.Context(), asked)
	require.ErrorContains(t, err, "status 404", "how often the spans are stored is unknown")
}

func TestTempoFinds(t *testing.T) {
	b, seen := serve(t, KindTempo, answers{jsonPath: {text(200, asProtobuf, proto(t, spans()))}})
	got, err := b.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.True(t, got.Found)
	assert.Equal(t, spans(), got.Traces)
	assert.Nil(t, got.Copies)
	assert.Equal(t, asProtobuf, (*seen)[0].Header.Get("Accept"), "Tempo knows this word only")
	assert.Equal(t, "1800000000", (*seen)[0].URL.Query().Get("start"))
	assert.Equal(t, "1800000061", (*seen)[0].URL.Query().Get("end"))
}

func TestTroublePasses(t *testing.T) {
	b, seen := serve(t, KindJaeger, answers{
		v3Path:   {text(503, plain, "starting"), text(200, asJSON, v3(spans()))},
		jsonPath: {text(500, plain, "x"), text(200, asJSON, `{"data":[]}`)},
	})
	got, err := b.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.True(t, got.Found)
	assert.Empty(t, got.Copies)
	assert.Len(t, *seen, 4)
}

func TestJaegerSaysWhatIsWrong(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"httpCode":500,"message":"store is away"}}`: "jaeger says: store is away",
		`{"status":"ok"}`: "neither result nor error",
		`{"result":3}`:    "result:",
	} {
		b, _ := serve(t, KindJaeger, answers{v3Path: {text(200, asJSON, body)}})
		_, err := b.Lookup(t.Context(), asked)
		require.ErrorContains(t, err, want, body)
	}
	for body, want := range map[string]string{
		`{"data":null,"errors":[{"code":500,"msg":"store is away"}]}`: "jaeger says: store is away (500)",
		`{}`:                                     "no data",
		`{"data":[{"spans":[{"spanID":"zz"}]}]}`: `spanID: must be 16 hexadecimal digits, got "zz"`,
		`{"data":[{"spans":[{"spanID":"00000000000000001"}]}]}`: `spanID: must be`,
	} {
		_, err := readCopies([]byte(body))
		assert.ErrorContains(t, err, want, body)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct{ kind, endpoint, want string }{
		{"zipkin", "http://localhost:9411", `type: must be one of [jaeger tempo], got "zipkin"`},
		{"jaeger", "localhost:16686", `endpoint: must be the address of an HTTP API, such as http://localhost:9090, got "localhost:16686"`},
		{"tempo", "http://[", "endpoint: "},
	} {
		_, err := New(Kind(c.kind), c.endpoint, http.DefaultClient)
		require.ErrorContains(t, err, c.want)
	}
}
