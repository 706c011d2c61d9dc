package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// queries forwards questions to a query API, or fails in a way that is told to it.
type queries struct {
	*httptest.Server
	way atomic.Value // string; "": it forwards
}

func newQueries(t *testing.T, to string) *queries {
	t.Helper()
	u, err := url.Parse(to)
	require.NoError(t, err)
	q := &queries{}
	q.way.Store("")
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
	q.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch q.way.Load() {
		case "page":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<!doctype html><title>Please log in</title>")
		case "gone":
			panic(http.ErrAbortHandler) // the connection ends without a word
		case "gateway":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"message":"no Route matched with those values"}`)
		default:
			onward.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(q.Close)
	return q
}

// fail makes it fail in a way from now on: page, gone or gateway; "" ends that.
func (q *queries) fail(way string) { q.way.Store(way) }
