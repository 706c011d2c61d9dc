package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/contract"
)

// sampler is an engine that the test drives.
type sampler struct {
	*tailsampling.Engine
	now time.Time
}

func (*sampler) Warnings() []string                                 { return []string{"mind the gap"} }
func (*sampler) ConsumeTraces(context.Context, ptrace.Traces) error { return nil }
func (s *sampler) get(t *testing.T, path string) (status int, body any) {
	t.Helper()
	w := httptest.NewRecorder()
	contract.Checked(t, Routes(s)).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, decoded(t, w.Body.Bytes())
}

func decoded(t *testing.T, text []byte) (body any) {
	t.Helper()
	require.NoErrorf(t, json.Unmarshal(text, &body), "%s", text)
	return body
}

// newSampler has decided 200 traces, of which one was slow.
func newSampler(t *testing.T) *sampler {
	t.Helper()
	s := &sampler{now: time.Unix(1_700_000_000, 0)}
	cfg := tailsampling.Defaults()
	s.Engine = tailsampling.New(cfg, s, tailsampling.NopObserver{}, func() time.Time { return s.now })
	t.Cleanup(func() { require.NoError(t, s.Shutdown(context.Background())) })
	for n := range 200 {
		took := 10 * time.Millisecond
		if n == 150 {
			took = time.Second
		}
		require.NoError(t, s.Consume(t.Context(), trace(byte(n), took)))
		s.pass(100 * time.Millisecond)
	}
	s.pass(time.Minute)
	return s
}

func (s *sampler) pass(d time.Duration) {
	for range d / (10 * time.Millisecond) {
		s.now = s.now.Add(10 * time.Millisecond)
		s.Step()
		s.Drain(context.Background())
	}
}

func idOf(n byte) pcommon.TraceID { return pcommon.TraceID{0: 1, 9: n * 37, 15: n} }

func trace(n byte, took time.Duration) ptrace.Traces {
	td := ptrace.NewTraces()
	for i, service := range []string{"shop", "cart"} {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", service)
		span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID(idOf(n))
		span.SetSpanID(pcommon.SpanID{byte(i + 1)})
		if i > 0 {
			span.SetParentSpanID(pcommon.SpanID{byte(i)})
		}
		span.SetName("do <b>" + service)
		span.SetKind(ptrace.SpanKindServer)
		span.SetStartTimestamp(1_700_000_000_000_000_000)
		span.SetEndTimestamp(1_700_000_000_000_000_000 + pcommon.Timestamp(took/time.Duration(i+1)))
	}
	return td
}

// at walks down a JSON value.
func at(t *testing.T, v any, keys ...any) any {
	t.Helper()
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, ok := v.(map[string]any)
			require.True(t, ok, "%v: no object", v)
			require.Contains(t, m, k)
			v = m[k]
		case int:
			l, ok := v.([]any)
			require.True(t, ok && k < len(l), "%v: no list with %d", v, k)
			v = l[k]
		}
	}
	return v
}

func TestRoutes(t *testing.T) {
	s := newSampler(t)
	ask := func(path string) any {
		status, body := s.get(t, path)
		require.Equal(t, http.StatusOK, status, "%v", body)
		return body
	}
	body := ask("/api/sampling")
	assert.Equal(t, "percentage", at(t, body, "budget", "unit"))
	assert.Equal(t, false, at(t, body, "dry_run"))
	assert.Equal(t, []any{"mind the gap"}, at(t, body, "warnings"))
	assert.InDelta(t, 1, at(t, body, "learned", "paths"), 0)
	assert.Nil(t, at(t, body, "cutoffs", "signs", 1, "enough"), "there were no errors")

	body = ask("/api/sampling/paths")
	require.InDelta(t, 1, at(t, body, "total"), 0)
	path := at(t, body, "paths", 0)
	assert.Equal(t, map[string]any{"service": "shop", "name": "do <b>shop", "kind": "Server"}, at(t, path, "endpoint"))
	assert.InDelta(t, 200.0/80, at(t, path, "rate"), 0.1, "a little less, as those that came first are decayed most")
	assert.InDelta(t, 0.01, at(t, path, "p50_seconds"), 1e-4)
	assert.Empty(t, at(t, ask("/api/sampling/paths?service=cart"), "paths"))
	assert.Empty(t, at(t, ask("/api/sampling/paths?search=cart"), "paths"))
	assert.Len(t, at(t, ask("/api/sampling/paths?search=DO&sort=p99&limit=1"), "paths"), 1)

	body = ask("/api/sampling/paths?offset=1")
	assert.Empty(t, at(t, body, "paths"))
	require.InDelta(t, 1, at(t, body, "total"), 0)

	body = ask("/api/sampling/history?from=2023-11-14T22:13:20Z&to=2023-11-14T22:15:00Z") // around the start of the sampler's clock
	assert.InDelta(t, 10, at(t, body, "step_seconds"), 0)
	all := 0.0
	for _, n := range at(t, body, "traces").([]any) {
		all += n.(float64)
	}
	assert.InDelta(t, 200, all, 0)
	assert.Len(t, at(t, body, "kept", 0, "spans"), len(at(t, body, "traces").([]any)))

	body = ask("/api/sampling/paths/" + at(t, path, "path").(string) + "?exemplars=1")
	assert.Nil(t, at(t, body, "calls", 0, "caller"))
	assert.Equal(t, "cart", at(t, body, "calls", 1, "callee", "service"))
	assert.Len(t, at(t, body, "exemplars"), 1)
	assert.NotEmpty(t, at(t, body, "histogram", "observed"))
	assert.NotEmpty(t, at(t, body, "histogram", "retained"))

	body = ask("/api/sampling/map")
	assert.Equal(t, "shop", at(t, body, "calls", 0, "caller"))
	assert.Equal(t, false, at(t, body, "calls", 0, "missed"))

	body = ask("/api/sampling/traces/" + idOf(150).String())
	assert.Equal(t, "decided", at(t, body, "fate"))
	assert.Equal(t, true, at(t, body, "outcome", "kept"))
	assert.Equal(t, "latency", at(t, body, "reasons", "reason"))
	assert.Equal(t, at(t, path, "path"), at(t, body, "path", "path"))
	assert.Equal(t, "unknown", at(t, ask("/api/sampling/traces/4BF92F3577B34DA6A3CE929D0E0E4736"), "fate"))
	require.NoError(t, s.Consume(t.Context(), trace(250, time.Millisecond)))
	assert.Equal(t, true, at(t, ask("/api/sampling/traces/"+idOf(250).String()), "open", "complete"))
}

func TestRoutesRefuse(t *testing.T) {
	s := newSampler(t)
	for path, want := range map[string]string{
		"/api/sampling?x=1":                    "x: is no parameter of this route",
		"/api/sampling/paths?sort=name":        "sort: must be one of rate, errors, kept, p50, p99",
		"/api/sampling/paths?limit=0":          "limit: must be a number between 1 and 10000",
		"/api/sampling/paths?offset=-1":        "offset: must be a number between 0 and",
		"/api/sampling/history?from=yesterday": "from: must be a time such as",
		"/api/sampling/history?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z": "from: must not be later than to",
		"/api/sampling/paths/xyz":                                 "path: must be 16 hexadecimal digits",
		"/api/sampling/paths/0123?exemplars=x":                    "exemplars: must be a number",
		"/api/sampling/traces/abc":                                "trace: must be 32 hexadecimal digits",
		"/api/sampling/traces/4bf92f3577b34da6a3ce929d0e0e473600": "trace: must be 32 hexadecimal digits",
		"/api/sampling/traces/zzf92f3577b34da6a3ce929d0e0e4736":   "trace: must be 32 hexadecimal digits",
		"/api/sampling/traces/00000000000000000000000000000000":   "trace: must not be all zeros",
		"/api/sampling/map?component=a&component=b":               "component: is given more than once",
	} {
		status, body := s.get(t, path)
		assert.Equal(t, http.StatusBadRequest, status, path)
		assert.Contains(t, at(t, body, "message"), want, path)
	}
	status, body := s.get(t, "/api/sampling/paths/0000000000000123")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Contains(t, at(t, body, "message"), "is not known")

	stopped := &sampler{now: s.now}
	stopped.Engine = tailsampling.New(tailsampling.Defaults(), stopped, tailsampling.NopObserver{}, time.Now)
	stopped.Start()
	require.NoError(t, stopped.Shutdown(context.Background()))
	status, _ = stopped.get(t, "/api/sampling/map")
	assert.Equal(t, http.StatusServiceUnavailable, status)
}
