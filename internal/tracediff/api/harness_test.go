package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type silent struct{}

func (silent) Finished(string, *snapshot.Snapshot) {}
func (silent) Compared(string, *store.Diff)        {}
func (silent) LostWindows(string, int)             {}
func (silent) Available(error)                     {}
func (silent) Alerted(string, alert.Outcome, int)  {}

// server is the API over a real service and a real store, without a network and without its goroutines; time is the test's.
type server struct {
	t *testing.T
	*tracediff.Service
	store store.Store
	keys  []string // that keep's windows have captured
	mux   *http.ServeMux
	ask   func(method, path, body string) (answered, string) // see newServer

	mu  sync.Mutex // guards now
	now time.Time
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (s *server) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func newServer(t *testing.T) *server {
	t.Helper()
	history, err := store.OpenSQLite(filepath.Join(t.TempDir(), "history.db"), zap.NewNop(), time.Now)
	require.NoError(t, err)
	s := &server{t: t, store: history, keys: []string{"http.status_code"}, mux: http.NewServeMux(), now: noon}
	s.Service, err = tracediff.New(tracediff.Config{
		Name: "trace_diff", Defaults: tracediff.StandardDefaults(), Limits: window.DefaultLimits(), Retention: time.Hour,
		Targets: map[string]alert.Target{"am": nil}, Store: history, Clock: s.clock, Logger: zap.NewNop(), Observer: silent{},
		Queries: []store.Query{{
			ID: "fixed", Name: "fixed", Text: `service = "shop"`, Scope: "trace", GroupBy: []string{"http.status_code"}, Window: 10 * time.Minute,
			Lateness: 30 * time.Second, Baselines: baseline.List("previous", "pin:x"), Thresholds: compare.DefaultThresholds(), Source: store.FromConfig,
			CreatedAt: time.Unix(0, 0),
		}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown(t.Context())) })
	for _, r := range Routes(s) {
		s.mux.Handle(r.Method+" "+r.Path, r.Handler)
	}
	s.ask = s.send
	return s
}

// answered is an answer without its body.
type answered struct {
	StatusCode int
	Header     http.Header
}

// send makes a request as JSON.
func (s *server) send(method, path, body string) (answered, string) {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	response := w.Result()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	return answered{response.StatusCode, response.Header}, string(text)
}

// answer decodes an answer of a status.
func (s *server) answer(status int, v any, method, path, body string) http.Header {
	s.t.Helper()
	response, text := s.ask(method, path, body)
	require.Equalf(s.t, status, response.StatusCode, "%s %s: %s", method, path, text)
	if v != nil {
		require.NoErrorf(s.t, json.Unmarshal([]byte(text), v), "%s", text)
	}
	return response.Header
}

// refused is the message of a request that is answered with a status.
func (s *server) refused(status int, method, path, body string) string {
	s.t.Helper()
	var p struct{ Message string }
	s.answer(status, &p, method, path, body)
	return p.Message
}

// keep stores the nth window of a query with traces of some status codes, 300 spans of each.
func (s *server) keep(queryID string, n int, statuses ...string) *snapshot.Snapshot {
	s.t.Helper()
	start := noon.Add(time.Duration(n) * 10 * time.Minute)
	w := &snapshot.Snapshot{
		ID: snapshot.NewID(queryID, start), QueryID: queryID, Start: start, End: start.Add(10 * time.Minute), Completed: start.Add(11 * time.Minute),
		State: snapshot.Complete, Keys: s.keys, Slice: 30 * time.Second,
		Versions: []snapshot.Version{{Service: "shop", Version: "1." + string(rune('0'+n)), Weight: 9, First: start, Last: start.Add(time.Minute)}},
	}
	group := func(id snapshot.Identity, each uint32) *snapshot.Group {
		g := &snapshot.Group{Identity: id}
		for i := range uint32(20) {
			x := float64(each) / 20
			g.Slices = append(g.Slices, snapshot.Slice{
				Index: i, Spans: each / 20, Traces: each / 20, Weight: x, TraceWeight: x, TraceWeight2: x,
				LogDuration: x * 14, LogDuration2: x * 14 * 14.01, Duration: x * 1.2e6, LogSelf: x * 14,
			})
		}
		g.Duration.Add(1.2e6, float64(each))
		return g
	}
	all := uint32(300 * len(statuses))
	w.Coverage = snapshot.Coverage{Traces: uint64(all), Spans: uint64(all)}
	w.Total = *group(snapshot.Identity{Kind: snapshot.Total}, all)
	w.Groups = append(w.Groups, group(snapshot.Identity{Kind: snapshot.Service, Value: "shop"}, all),
		group(snapshot.Identity{Kind: snapshot.Operation, Service: "shop", Value: "GET /"}, all),
		group(snapshot.Identity{Kind: snapshot.Edge, Service: "db", Value: "SELECT", CallerService: "shop", Caller: "GET /"}, all))
	for _, code := range statuses {
		w.Groups = append(w.Groups, group(snapshot.Identity{Kind: snapshot.Attribute, Key: "http.status_code", Value: code}, 300))
	}
	p, err := store.NewPart("test", w.Completed, w.End, w)
	p.Final = true
	require.NoError(s.t, err)
	require.NoError(s.t, s.store.SavePart(s.t.Context(), p))
	held, err := s.store.Lease(s.t.Context(), "test", "test", noon, noon.Add(time.Hour))
	require.NoError(s.t, err)
	require.True(s.t, held)
	require.NoError(s.t, s.store.Finish(s.t.Context(), "test", "test", store.Finished{Snapshot: w, Now: w.Completed}))
	return w
}
