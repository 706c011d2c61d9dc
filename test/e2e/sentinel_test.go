package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// verdict is what /status?format=json answers.
type verdict struct {
	State    string            `json:"state"`
	Reasons  []string          `json:"reasons"`
	Verdicts map[string]uint64 `json:"verdicts"`
	Failing  []struct {
		Verdict, Vantage, Operation, Detail string
		Since                               time.Time
	} `json:"failing"`
	Vantages []struct {
		Name, State, Reason string
		Alerts              []struct {
			Name, Outcome, Broken string
			Fired                 float64 `json:"fired_after_seconds"`
			Told                  float64 `json:"told_after_seconds"`
			Cleared               float64 `json:"cleared_after_seconds"`
		} `json:"alerts"`
	} `json:"vantages"`
}

// watched is a collector with a sentinel, all of whose traces go over a road that the test can break.
type watched struct {
	*collector
	console string
	road    *road
}

// road forwards OTLP over HTTP, or swallows it and says that all is well.
type road struct {
	*httptest.Server
	swallows atomic.Bool
}

func newRoad(t *testing.T, to string) *road {
	t.Helper()
	r := &road{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil || r.swallows.Load() {
			w.Header().Set("Content-Type", "application/x-protobuf")
			return
		}
		onward, err := http.NewRequestWithContext(request.Context(), request.Method, "http://"+to+request.URL.Path, bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		onward.Header = request.Header.Clone()
		response, err := http.DefaultClient.Do(onward)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		defer func() { _ = response.Body.Close() }()
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	}))
	t.Cleanup(r.Close)
	return r
}

// startWatched starts one. The overlays are merged over its configuration.
func startWatched(t *testing.T, overlays ...section) *watched {
	t.Helper()
	intake := freeAddress(t)
	s := &watched{console: freeAddress(t), road: newRoad(t, intake)}
	config := section{
		"receivers": section{
			"sentinel": section{"streams": section{"ambient": section{"rate": 10}}},
			"otlp":     section{"protocols": section{"http": section{"endpoint": intake}}},
		},
		"exporters": section{
			"otlp_http": section{"endpoint": s.road.URL, "sending_queue": section{"enabled": false}},
			"sentinel":  section{},
		},
		"extensions": section{
			"console": section{"endpoint": s.console},
			"sentinel": section{
				"key": "an entirely public secret", "slo": section{"late_after": "3s", "lost_after": "6s", "p99": "3s", "window": "1m"},
			},
		},
		"service": section{
			"extensions": []string{"console", "sentinel"}, "telemetry": section{"metrics": section{"level": "none"}},
			"pipelines": section{
				"traces/sent":   section{"receivers": []string{"sentinel"}, "exporters": []string{"otlp_http"}},
				"traces/stored": section{"receivers": []string{"otlp"}, "exporters": []string{"sentinel"}},
			},
		},
	}
	var args []string
	for _, one := range append([]section{config}, overlays...) {
		text, err := json.Marshal(one)
		require.NoError(t, err)
		args = append(args, "--config=yaml:"+string(text))
	}
	s.collector = start(t, nil, args...)
	return s
}

// status asks for the verdict, and requires that the status code says the same.
func (s *watched) status(t *testing.T) *verdict {
	t.Helper()
	code, body := s.get(t, "/status?format=json")
	v := &verdict{}
	require.NoError(t, json.Unmarshal(body, v), "%s", body)
	want := http.StatusServiceUnavailable
	if v.State == "ok" || v.State == "starting" {
		want = http.StatusOK
	}
	require.Equal(t, want, code, v.State)
	return v
}

func (s *watched) get(t *testing.T, path string) (code int, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.console+path, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, body
}

// until waits for a verdict, and says how long that took.
func (s *watched) until(t *testing.T, state string, most time.Duration) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		v := s.status(t)
		if v.State == state {
			return time.Since(begin)
		}
		if time.Since(begin) > most {
			t.Fatalf("the verdict is %s, not %s, after %v: %v", v.State, state, most, v.Reasons)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestSentinelNoticesLoss breaks the road without a word: within late_after and 2 s it is told, and after a while forgotten.
// A restart in between keeps the history.
func TestSentinelNoticesLoss(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	remembers := section{
		"extensions": section{
			"file_storage": section{"directory": state, "create_directory": true},
			"sentinel":     section{"storage": "file_storage"},
		},
		"service": section{"extensions": []string{"console", "file_storage", "sentinel"}},
	}
	s := startWatched(t, remembers)
	assert.Equal(t, "starting", s.status(t).State)
	s.until(t, "ok", 20*time.Second)
	code, page := s.get(t, "/status")
	assert.Equal(t, http.StatusOK, code)
	assert.Contains(t, string(page), "<title>ok: sentinel</title>")
	for _, path := range []string{"/live", "/ready"} {
		code, _ := s.get(t, path)
		assert.Equal(t, http.StatusOK, code, path)
	}

	s.road.swallows.Store(true)
	noticed := s.until(t, "degraded", 30*time.Second)
	assert.Less(t, noticed, 5*time.Second+time.Second, "late_after is 3 s; a second more for a busy machine")
	eventually(t, "the loss by its name", 20*time.Second, func() bool { return s.status(t).Verdicts["missing"] > 0 })
	s.road.swallows.Store(false)
	s.until(t, "ok", time.Minute)
	missing := s.status(t).Verdicts["missing"]
	s.stop(t)
	assert.Zero(t, strings.Count(s.log.String(), "nothing is judged"), "a shutdown is no change of the verdict")

	s = startWatched(t, remembers)
	s.until(t, "ok", 20*time.Second)
	assert.Equal(t, missing, s.status(t).Verdicts["missing"])
	_, body := s.get(t, "/api/sentinel/uptime")
	var uptime struct {
		Transitions []struct{ State string }
	}
	require.NoError(t, json.Unmarshal(body, &uptime))
	var states []string
	for _, one := range uptime.Transitions {
		states = append(states, one.State)
	}
	assert.Equal(t, []string{"starting", "ok", "degraded", "ok", "starting", "ok"}, states)
	s.stop(t)
}
