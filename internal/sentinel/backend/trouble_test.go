package backend

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
		{"in part", text(206, asProtobuf, "\n\x02\x00\x01"), "status 206: ", 1},
		{"garbage", text(200, asJSON, "\xff\xfe{"), "not a", 1},
		{"another API", text(200, asJSON, `{"status":"success","data":{}}`), "not a", 1},
		{"cut off", cutOff, "the answer breaks off", 3},
		{"gigabytes", endless(new(atomic.Int64)), "longer than 16 MiB", 1},
		{"gigabytes, zipped", bomb, "longer than 16 MiB", 1},
		{"redirect to a login", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "login" {
				text(200, "text/html", "<html>sign in")(w, r)
				return
			}
			redirect(w, "?login")
		}, "a web page instead of an answer (<html>sign in)", 2},
		{"redirect in circles", func(w http.ResponseWriter, _ *http.Request) { redirect(w, "?again") }, "stopped after 10 redirects", 30},
	} {
		for kind, path := range map[Kind]string{KindJaeger: v3Path, KindTempo: jsonPath} {
			t.Run(fmt.Sprintf("%s %s", c.name, kind), func(t *testing.T) {
				b, seen := serve(t, kind, answers{path: {c.answer}})
				got, err := b.Lookup(t.Context(), asked)
				require.ErrorContains(t, err, c.want)
				assert.False(t, got.Found)
				assert.Len(t, *seen, c.asked)
				assert.Less(t, len(err.Error()), 600)
			})
		}
	}
}

// An answer without spans is not the word that a trace is missing.
func TestEmptyIsNotAnAnswer(t *testing.T) {
	for body, want := range map[string]string{
		"": "answered without a span", "{}": "neither result nor error", "null": "neither result nor error", "[]": "not an answer",
		`{"result":{}}`: "answered without a span", `{"result":null}`: "without a span", `{"result":{"resourceSpans":[]}}`: "without a span",
		`{"result":{"resourceSpans":[{"scopeSpans":[{}]}]}}`: "without a span",
	} {
		b, _ := serve(t, KindJaeger, answers{v3Path: {text(200, asJSON, body)}})
		got, err := b.Lookup(t.Context(), asked)
		require.ErrorContains(t, err, want, "%q", body)
		assert.False(t, got.Found)
	}
	for _, body := range []string{"", "\n\x00", "\n\x02\x12\x00"} {
		b, _ := serve(t, KindTempo, answers{jsonPath: {text(200, asProtobuf, body)}})
		got, err := b.Lookup(t.Context(), asked)
		require.ErrorContains(t, err, "answered without a span", "%q", body)
		assert.False(t, got.Found)
	}
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, "{")
}

// endless writes until nobody reads any more, and counts.
func endless(written *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", asJSON)
		pour(w, written)
	}
}

func pour(w io.Writer, written *atomic.Int64) {
	block := strings.Repeat(" ", 1<<20)
	for {
		n, err := io.WriteString(w, block)
		written.Add(int64(n))
		if err != nil {
			return
		}
	}
}

func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", asJSON)
	w.Header().Set("Content-Encoding", "gzip")
	pour(gzip.NewWriter(w), new(atomic.Int64))
}

// Of an answer without an end no more is taken than its limit, and what a connection holds.
func TestGigabytesAreNotRead(t *testing.T) {
	var written atomic.Int64
	b, _ := serve(t, KindTempo, answers{jsonPath: {endless(&written)}})
	_, err := b.Lookup(t.Context(), asked)
	require.Error(t, err)
	assert.Less(t, written.Load(), int64(64<<20))
}

// A trace may come zipped, and from where a redirect leads.
func TestDetours(t *testing.T) {
	for kind, a := range map[Kind]answers{
		KindJaeger: {v3Path: {zipped(asJSON, v3(spans()))}, jsonPath: {zipped(asJSON, `{"data":[]}`)}},
		KindTempo:  {jsonPath: {zipped(asProtobuf, proto(t, spans()))}},
	} {
		moved := answers{}
		for path, list := range a {
			moved["/new"+path] = list
			moved[path] = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
				redirect(w, "/new"+r.URL.RequestURI())
			}}
		}
		b, _ := serve(t, kind, moved)
		got, err := b.Lookup(t.Context(), asked)
		require.NoError(t, err, kind)
		assert.Equal(t, spans(), got.Traces, kind)
	}
}

func zipped(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			http.Error(w, "must be asked for gzip", http.StatusNotAcceptable)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, body)
		_ = z.Close()
	}
}

// What is cut off within is no trace with fewer spans. (Between two spans it cannot be told.)
func TestCutWithin(t *testing.T) {
	whole := v3(spans())
	for _, at := range []int{1, len(whole) / 3, len(whole) / 2, len(whole) - 1} {
		b, _ := serve(t, KindJaeger, answers{v3Path: {text(200, asJSON, whole[:at])}})
		_, err := b.Lookup(t.Context(), asked)
		require.Error(t, err, "%d of %d bytes", at, len(whole))
	}
	whole = proto(t, spans())
	for at := 1; at < len(whole); at++ {
		b, _ := serve(t, KindTempo, answers{jsonPath: {text(200, asProtobuf, whole[:at])}})
		_, err := b.Lookup(t.Context(), asked)
		require.Error(t, err, "%d of %d bytes", at, len(whole))
	}
}

// The JSON of Tempo is not taken for protobuf, nor for a trace without spans.
func TestTempoInJSON(t *testing.T) {
	b, _ := serve(t, KindTempo, answers{jsonPath: {text(200, asJSON, `{"batches":[{"resource":{},"scopeSpans":[{"spans":[{"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"AQIDBAUGBwg="}]}]}]}`)}})
	_, err := b.Lookup(t.Context(), asked)
	require.ErrorContains(t, err, "does a proxy change the Accept header?")
}

// Before 1.54 Jaeger wrote ids in base64, and knew no 404.
func TestJaegerOfOld(t *testing.T) {
	b, _ := serve(t, KindJaeger, answers{v3Path: {
		text(200, asJSON, `{"result":{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"AQIDBAUGBwg=","name":"n"}]}]}]}}`),
		text(500, asJSON, `{"error":{"grpcCode":2,"httpCode":500,"message":"cannot retrieve trace: trace not found","httpStatus":"Internal Server Error"}}`),
	}})
	_, err := b.Lookup(t.Context(), asked)
	require.ErrorContains(t, err, "in OTLP JSON since Jaeger 1.54")
	_, err = b.Lookup(t.Context(), asked)
	require.ErrorContains(t, err, "status 500")
}

// A drip that never ends is given up: with its context, or after the time of one request.
func TestSlowDrip(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	b, _ := serve(t, KindTempo, answers{jsonPath: {drip}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := b.Lookup(ctx, asked)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	b, seen := serve(t, KindTempo, answers{jsonPath: {drip}})
	b.(*tempo).Client.Timeout = 20 * time.Millisecond
	_, err = b.Lookup(t.Context(), asked)
	require.ErrorContains(t, err, "the answer breaks off: context deadline exceeded")
	assert.Len(t, *seen, 3)
}

func TestNobodyThere(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, kind := range Kinds() {
		b, err := New(kind, gone.URL, &http.Client{Timeout: time.Second})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err = b.Lookup(ctx, asked)
		cancel()
		require.ErrorContains(t, err, gone.URL, kind)
		assert.Equal(t, 1, strings.Count(err.Error(), gone.URL), "the address is said once: %v", err)
	}
}
