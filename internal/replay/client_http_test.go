package replay

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

// sendHTTP makes one attempt at a server with the given handler.
func sendHTTP(t *testing.T, handler http.HandlerFunc, change func(*ClientConfig)) answer {
	t.Helper()
	s := httptest.NewServer(handler)
	defer s.Close()
	cfg := newClientConfig()
	cfg.Endpoint, cfg.Protocol = s.URL, HTTP
	if change != nil {
		change(&cfg)
	}
	c, err := newClient(t.Context(), &cfg, 1)
	require.NoError(t, err)
	defer c.close()
	return c.send(t.Context(), []byte("body"))
}

func partialSuccess(t *testing.T, rejected int64, message string) ptraceotlp.ExportResponse {
	t.Helper()
	r := ptraceotlp.NewExportResponse()
	r.PartialSuccess().SetRejectedSpans(rejected)
	r.PartialSuccess().SetErrorMessage(message)
	return r
}

func TestHTTPAnswers(t *testing.T) {
	protoPartial, err := partialSuccess(t, 3, "no room").MarshalProto()
	require.NoError(t, err)
	jsonPartial, err := partialSuccess(t, 3, "no room").MarshalJSON()
	require.NoError(t, err)
	status, err := proto.Marshal(&spb.Status{Message: "spans of the\nfuture"})
	require.NoError(t, err)
	tests := []struct {
		name    string
		code    int
		headers map[string]string
		body    string
		want    answer
		err     string
	}{
		{name: "taken", code: 200, headers: map[string]string{"Content-Type": typeProtobuf}},
		{name: "taken, 202 without body", code: 202},
		{name: "partial, protobuf", code: 200, headers: map[string]string{"Content-Type": typeProtobuf}, body: string(protoPartial), want: answer{rejected: 3, message: "no room"}},
		{name: "partial, JSON", code: 200, headers: map[string]string{"Content-Type": typeJSON + "; charset=utf-8"}, body: string(jsonPartial), want: answer{rejected: 3, message: "no room"}},
		{name: "taken, body of something else", code: 200, headers: map[string]string{"Content-Type": "text/html"}, body: "<p>hello"},
		{
			name: "taken, damaged body", code: 200, headers: map[string]string{"Content-Type": typeProtobuf}, body: "\x0a\xff",
			want: answer{misdirected: true}, err: "the answer is not one of OTLP: ",
		},
		{name: "busy, seconds", code: 429, headers: map[string]string{"Retry-After": "7"}, want: answer{retryable: true, retryAfter: 7 * time.Second}, err: "HTTP 429 Too Many Requests"},
		{name: "busy, date in the past", code: 503, headers: map[string]string{"Retry-After": "Mon, 02 Jan 2006 15:04:05 GMT"}, want: answer{retryable: true}, err: "HTTP 503 Service Unavailable"},
		{name: "busy, nonsense", code: 503, headers: map[string]string{"Retry-After": "-1"}, want: answer{retryable: true}, err: "HTTP 503 Service Unavailable"},
		{name: "gateway", code: 502, want: answer{retryable: true}, err: "HTTP 502 Bad Gateway"},
		{
			name: "refused with a status", code: 400, headers: map[string]string{"Content-Type": typeProtobuf}, body: string(status),
			err: "HTTP 400 Bad Request: spans of the future",
		},
		{
			name: "refused with a JSON status", code: 400, headers: map[string]string{"Content-Type": typeJSON}, body: `{"code":3,"message":"bad","x":1}`,
			err: "HTTP 400 Bad Request: bad",
		},
		{
			name: "refused with text that steers terminals", code: 500, headers: map[string]string{"Content-Type": "text/plain"}, body: "\x1b[2Jdown\u009b",
			err: "HTTP 500 Internal Server Error: [2Jdown",
		},
		{name: "refused with a page", code: 404, headers: map[string]string{"Content-Type": "text/html"}, body: "<p>no", want: answer{misdirected: true}, err: "HTTP 404 Not Found"},
		{name: "not allowed", code: 401, want: answer{misdirected: true}, err: "HTTP 401 Unauthorized"},
		{
			name: "moved", code: 301, headers: map[string]string{"Location": "https://elsewhere/v1/traces"}, want: answer{misdirected: true},
			err: "HTTP 301 Moved Permanently (moved to https://elsewhere/v1/traces)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := sendHTTP(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				assert.Equal(t, "body", string(body))
				assert.Equal(t, "POST /v1/traces", r.Method+" "+r.URL.Path)
				assert.Equal(t, typeProtobuf, r.Header.Get("Content-Type"))
				assert.Equal(t, "acme", r.Header.Get("X-Tenant"))
				assert.Equal(t, "assayctl", r.Header.Get("User-Agent"))
				for k, v := range tt.headers {
					w.Header().Set(k, v)
				}
				w.WriteHeader(tt.code)
				_, _ = io.WriteString(w, tt.body)
			}, func(c *ClientConfig) { c.Headers = []string{"X-Tenant=acme"} })
			if tt.err == "" {
				require.NoError(t, got.err)
			} else {
				require.ErrorContains(t, got.err, tt.err)
			}
			got.err = nil
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestHTTPRetryAfterDate(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	assert.Equal(t, 90*time.Second, retryAfter(now.Add(90*time.Second).Format(http.TimeFormat), now))
}

func TestHTTPSilence(t *testing.T) {
	over := make(chan struct{})
	got := sendHTTP(t, func(http.ResponseWriter, *http.Request) { <-over }, func(c *ClientConfig) {
		c.Timeout = 50 * time.Millisecond
		time.AfterFunc(100*time.Millisecond, func() { close(over) })
	})
	require.ErrorContains(t, got.err, "deadline exceeded")
	assert.True(t, got.timedOut)
	assert.True(t, got.retryable)
	assert.False(t, got.unreached)
}

func TestHTTPConnectionCutOff(t *testing.T) {
	got := sendHTTP(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil)
	require.Error(t, got.err)
	assert.True(t, got.unreached)
	assert.True(t, got.retryable)
}
