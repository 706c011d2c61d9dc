package backend

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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
	asJSON = "application/json"
	plain  = "text/plain; charset=utf-8"
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
	b, _ := serve(t, KindJaeger, answers{v3Path: {text(200, asJSON, v3(spans())+"\n"+v3(spans()))}})
	got, err := b.Lookup(t.Context(), asked)
	require.ErrorContains(t, err, "status 404", "the JSON API is not there: how often the spans are stored is unknown")
	assert.Equal(t, 4, got.Traces.SpanCount())
}

func TestTempoFinds(t *testing.T) {
	body, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(spans())
	require.NoError(t, err)
	b, seen := serve(t, KindTempo, answers{jsonPath: {text(200, "application/protobuf", string(body))}})
	got, err := b.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.True(t, got.Found)
	assert.Equal(t, spans(), got.Traces)
	assert.Nil(t, got.Copies)
	assert.Equal(t, "application/protobuf", (*seen)[0].Header.Get("Accept"))
	assert.Equal(t, "1800000000", (*seen)[0].URL.Query().Get("start"))
	assert.Equal(t, "1800000061", (*seen)[0].URL.Query().Get("end"))
}

func TestNotFoundIsAnAnswer(t *testing.T) {
	for kind, a := range map[Kind]answers{
		KindJaeger: {v3Path: {text(404, plain, `{"error":{"httpCode":404,"message":"No traces found"}}`)}},
		KindTempo:  {jsonPath: {text(404, plain, "trace not found")}},
	} {
		b, _ := serve(t, kind, a)
		got, err := b.Lookup(t.Context(), asked)
		require.NoError(t, err, kind)
		assert.False(t, got.Found)
	}
	for kind, a := range map[Kind]answers{
		KindJaeger: {v3Path: {text(200, asJSON, `{"result":{"resourceSpans":[]}}`)}},
		KindTempo:  {jsonPath: {text(200, "application/protobuf", "")}},
	} {
		b, _ := serve(t, kind, a)
		got, err := b.Lookup(t.Context(), asked)
		require.NoError(t, err, kind)
		assert.False(t, got.Found, "%s: a trace without spans", kind)
	}
}

// A backend that cannot be asked is an error, never the word that a trace is missing.
func TestTroubleIsNotAnAnswer(t *testing.T) {
	page := text(404, "text/html", "<html>nothing here</html>")
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
		asked  int // requests
	}{
		{"login page", text(200, "text/html", "<html>\n sign in </html>"), "a web page instead of an answer (<html> sign in </html>)", 1},
		{"proxy page", page, "status 404: <html>nothing here", 1},
		{"another server", http.NotFound, "status 404: 404 page not found", 1},
		{"internal error", text(500, plain, "no storage"), "status 500: no storage", 3},
		{"busy", text(429, plain, ""), "status 429: no text", 3},
		{"forbidden", text(403, plain, "no token"), "status 403: no token", 1},
		{"garbage", text(200, asJSON, "\xff\xfe{"), "not a", 1},
		{"cut off", cutOff, "the answer breaks off", 3},
		{"gigabytes", endless, "longer than 16 MiB", 1},
	} {
		for kind, path := range map[Kind]string{KindJaeger: v3Path, KindTempo: jsonPath} {
			t.Run(fmt.Sprintf("%s %s", c.name, kind), func(t *testing.T) {
				b, seen := serve(t, kind, answers{path: {c.answer}})
				got, err := b.Lookup(t.Context(), asked)
				require.ErrorContains(t, err, c.want)
				assert.False(t, got.Found)
				assert.Len(t, *seen, c.asked)
			})
		}
	}
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, "{")
}

func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", asJSON)
	block := strings.Repeat(" ", 1<<20)
	for {
		if _, err := io.WriteString(w, block); err != nil {
			return
		}
	}
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

func TestSlowDripEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	b, _ := serve(t, KindTempo, answers{jsonPath: {func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}}})
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := b.Lookup(ctx, asked)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
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
