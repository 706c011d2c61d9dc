package e2e

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// TestSentinelTellsRefusal shuts the road for longer than the sentinel tries again: what was not taken from it is not missing.
func TestSentinelTellsRefusal(t *testing.T) {
	t.Parallel()
	s := startWatched(t, section{"receivers": section{"sentinel": section{"retry": section{"max_elapsed_time": "1s"}}}})
	s.until(t, "ok", 20*time.Second)
	s.road.shut.Store(true)
	noticed := s.until(t, "degraded", 20*time.Second)
	t.Logf("noticed after %.1f s", noticed.Seconds())
	assert.Less(t, noticed, lateAfter+2*time.Second+busy)
	listed := s.status(t).Failing
	require.NotEmpty(t, listed)
	for _, one := range listed {
		assert.Equal(t, "refused_at_source", one.Verdict)
		assert.Equal(t, "sentinel", one.Vantage)
		assert.Equal(t, root(t, one.Trace), one.Operation)
	}
	s.road.shut.Store(false)
	s.until(t, "ok", 30*time.Second)
	v := s.status(t)
	assert.Empty(t, against(v, "refused_at_source"))
	assert.Positive(t, v.Verdicts["refused_at_source"])
	s.stop(t)
}

// tempo stores what it is sent, and answers for it as Tempo does while it is up.
type tempo struct {
	*httptest.Server
	answers atomic.Int32
	down    atomic.Bool

	mu     sync.Mutex // guards everything below
	traces map[pcommon.TraceID]ptrace.Traces
}

func newTempo(t *testing.T) *tempo {
	t.Helper()
	store := &tempo{traces: map[pcommon.TraceID]ptrace.Traces{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", store.take)
	mux.HandleFunc("GET /api/traces/{id}", store.answer)
	store.Server = httptest.NewServer(mux)
	t.Cleanup(store.Close)
	return store
}

func (s *tempo) take(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	sent := ptraceotlp.NewExportRequest()
	if err := sent.UnmarshalProto(body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rs := range sent.Traces().ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if _, ok := s.traces[span.TraceID()]; !ok {
					s.traces[span.TraceID()] = ptrace.NewTraces()
				}
				appendSpan(s.traces[span.TraceID()], rs, ss, span)
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// answer has a trace in protobuf; while it is down, an error and the login page of a proxy take turns.
func (s *tempo) answer(w http.ResponseWriter, request *http.Request) {
	n := s.answers.Add(1)
	switch {
	case s.down.Load() && n%2 == 0:
		http.Error(w, "no live ingesters", http.StatusInternalServerError)
		return
	case s.down.Load():
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Please log in</title>")
		return
	}
	raw, _ := hex.DecodeString(request.PathValue("id"))
	s.mu.Lock()
	defer s.mu.Unlock()
	td, ok := s.traces[pcommon.TraceID(raw)]
	if !ok {
		http.NotFound(w, request)
		return
	}
	text, _ := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	w.Header().Set("Content-Type", "application/protobuf")
	_, _ = w.Write(text)
}

// TestSentinelWithoutAnswers takes a backend's query API away, and only that: what cannot be looked up is unknown and not missing.
// At the pipeline's end nothing changes.
func TestSentinelWithoutAnswers(t *testing.T) {
	t.Parallel()
	store := newTempo(t)
	s := startWatched(t, section{
		"exporters":  section{"otlp_http/tempo": section{"endpoint": store.URL, "compression": "none"}},
		"extensions": section{"sentinel": section{"backends": []any{section{"name": "tempo", "type": "tempo", "endpoint": store.URL}}}},
		"service": section{"pipelines": section{
			"traces/stored": section{"receivers": []string{"otlp"}, "exporters": []string{"sentinel", "otlp_http/tempo"}},
		}},
	})
	vantages := func(v *verdict) map[string]string {
		states := map[string]string{}
		for _, one := range v.Vantages {
			states[one.Name] = one.State
		}
		return states
	}
	both := func(tempo string) func() bool {
		return func() bool {
			now := vantages(s.status(t))
			return now["sentinel"] == "ok" && now["tempo"] == tempo
		}
	}
	eventually(t, "two vantages that are ok", 20*time.Second, both("ok"))
	store.down.Store(true)
	begin := time.Now()
	s.until(t, "unknown", 20*time.Second)
	t.Logf("noticed after %.1f s", time.Since(begin).Seconds())
	assert.Less(t, time.Since(begin), lateAfter+2*time.Second+busy)
	for end := time.Now().Add(2 * lostAfter); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		v := s.status(t)
		require.Equal(t, "unknown", v.State, v.Reasons)
		require.Equal(t, map[string]string{"sentinel": "ok", "tempo": "unknown"}, vantages(v))
		require.Contains(t, strings.Join(v.Reasons, "\n"), "tempo: the last ")
		require.Empty(t, v.Failing)
	}
	store.down.Store(false)
	eventually(t, "two vantages that are ok again", 30*time.Second, both("ok"))
	v := s.status(t)
	assert.Equal(t, "ok", v.State)
	assert.Empty(t, against(v))
	s.stop(t)
}

// TestSentinelHearsNothing has sender and verifier in collectors of their own, with no other road between them than that of the
// traces. When the sender is stopped or dies the verifier knows nothing, and says that; it blames nobody.
func TestSentinelHearsNothing(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"stopped": syscall.SIGSTOP, "killed": syscall.SIGKILL, "ended": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			intake := freeAddress(t)
			s := &watched{console: freeAddress(t), road: newRoad(t, intake)}
			s.collector = start(t, nil, merged(t, []section{verifying(intake, s.console), {
				"exporters": section{"sentinel": section{"streams": section{"ambient": section{"rate": 10}}}},
			}})...)
			from := merged(t, []section{sending(s.road), {
				"receivers": section{"sentinel": section{"key": secret, "instance": "elsewhere"}},
			}})
			sender := start(t, nil, from...)
			s.until(t, "ok", 20*time.Second)

			blameless := func() *verdict {
				v := s.status(t)
				require.NotEqual(t, "degraded", v.State, v.Reasons)
				require.Empty(t, against(v))
				return v
			}
			require.NoError(t, sender.cmd.Process.Signal(signal))
			begin, noticed := time.Now(), time.Duration(0)
			for ; time.Since(begin) < 2*lostAfter; time.Sleep(50 * time.Millisecond) {
				if v := blameless(); noticed == 0 && v.State == "unknown" {
					noticed = time.Since(begin)
				}
			}
			t.Logf("noticed after %.1f s", noticed.Seconds())
			assert.Less(t, noticed, lateAfter+2*time.Second+busy)
			v := blameless()
			require.Equal(t, "unknown", v.State)
			assert.Contains(t, strings.Join(v.Reasons, "\n"), "sentinel: the generator of stream ambient ")

			if signal == syscall.SIGSTOP {
				require.NoError(t, sender.cmd.Process.Signal(syscall.SIGCONT))
			} else {
				start(t, nil, from...)
			}
			eventually(t, "the verdict is ok again", 30*time.Second, func() bool { return blameless().State == "ok" })
			s.stop(t)
		})
	}
}
