package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
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

		Trace string `json:"trace_id"`
	} `json:"failing"`
	Vantages []vantage `json:"vantages"`
}

// vantage is one of its vantages.
type vantage struct {
	Name, State, Reason string
	Verdicts            map[string]uint64
	Sources             []struct{ Instance uint16 }
	Alerts              []struct {
		Name, Outcome, Broken string
		Fired                 float64 `json:"fired_after_seconds"`
		Told                  float64 `json:"notified_after_seconds"`
		Cleared               float64 `json:"cleared_after_seconds"`
	} `json:"alerts"`
}

// watched is a collector with a sentinel, all of whose traces go over a road that the test can break.
type watched struct {
	*collector
	args    []string
	console string
	road    *road
}

// Times after which a trace is late, and lost.
const lateAfter, lostAfter = 3 * time.Second, 6 * time.Second

// busy is what a busy machine may take longer.
const busy = time.Second

// startWatched starts one. The overlays are merged over its configuration.
func startWatched(t *testing.T, overlays ...section) *watched {
	t.Helper()
	intake := freeAddress(t)
	s := &watched{console: freeAddress(t), road: newRoad(t, intake)}
	s.args = merged(t, append([]section{sending(s.road), verifying(intake, s.console)}, overlays...))
	s.collector = start(t, nil, s.args...)
	return s
}

// sending is the configuration of a collector whose sentinel sends over a road. It does not try again by itself: the sentinel does.
func sending(r *road) section {
	return section{
		"receivers": section{"sentinel": section{"streams": section{"ambient": section{"rate": 10}}}},
		"exporters": section{"otlp_http": section{
			"endpoint": r.URL, "compression": "none", "sending_queue": section{"enabled": false}, "retry_on_failure": section{"enabled": false},
		}},
		"service": section{
			"telemetry": section{"metrics": section{"level": "none"}},
			"pipelines": section{"traces/sent": section{"receivers": []string{"sentinel"}, "exporters": []string{"otlp_http"}}},
		},
	}
}

// verifying is the configuration of a collector that judges what comes to its intake.
func verifying(intake, console string) section {
	return section{
		"receivers": section{"otlp": section{"protocols": section{"http": section{"endpoint": intake}}}},
		"exporters": section{"sentinel": section{}},
		"extensions": section{
			"console": section{"endpoint": console},
			"sentinel": section{"key": secret, "slo": section{
				"late_after": lateAfter.String(), "lost_after": lostAfter.String(), "p99": lateAfter.String(), "window": "1m",
			}},
		},
		"service": section{
			"extensions": []string{"console", "sentinel"}, "telemetry": section{"metrics": section{"level": "none"}},
			"pipelines": section{"traces/stored": section{"receivers": []string{"otlp"}, "exporters": []string{"sentinel"}}},
		},
	}
}

// merged returns the arguments that give a collector the configurations, the later ones over the earlier.
func merged(t *testing.T, configs []section) []string {
	t.Helper()
	var args []string
	for _, one := range configs {
		text, err := json.Marshal(one)
		require.NoError(t, err)
		args = append(args, "--config=yaml:"+string(text))
	}
	return args
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

// uptime is how the verdict was.
type uptime struct {
	Transitions []struct{ State string }
	Uptime      map[string]struct{ Seconds map[string]float64 }
}

func (s *watched) uptime(t *testing.T) (u uptime) {
	t.Helper()
	code, body := s.get(t, "/api/sentinel/uptime")
	require.Equal(t, http.StatusOK, code)
	require.NoError(t, json.Unmarshal(body, &u))
	return u
}

// states are those that the verdict has gone through.
func (u uptime) states() (states []string) {
	for _, one := range u.Transitions {
		states = append(states, one.State)
	}
	return states
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

// stays requires that the verdict does not change for a while.
func (s *watched) stays(t *testing.T, state string, length time.Duration) {
	t.Helper()
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		v := s.status(t)
		require.Equal(t, state, v.State, v.Reasons)
	}
}

// TestSentinelRemembers breaks the road without a word, which is told, and after a while forgotten. A restart in between keeps
// the history.
func TestSentinelRemembers(t *testing.T) {
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
	code, page := s.get(t, "/status?format=html")
	assert.Equal(t, http.StatusOK, code)
	assert.Contains(t, string(page), "<title>ok: sentinel</title>")
	_, page = s.get(t, "/status")
	assert.True(t, strings.HasPrefix(string(page), "ok: The collector is fine."), "%s", page)
	for _, path := range []string{"/live", "/ready"} {
		code, _ := s.get(t, path)
		assert.Equal(t, http.StatusOK, code, path)
	}

	s.road.breaks(&harm{strikes: everything})
	s.until(t, "degraded", 30*time.Second)
	eventually(t, "the loss by its name", 20*time.Second, func() bool { return s.status(t).Verdicts["missing"] > 0 })
	s.road.mends()
	s.until(t, "ok", time.Minute)
	missing := s.status(t).Verdicts["missing"]
	s.stop(t)
	assert.Zero(t, strings.Count(s.log.String(), "nothing is judged"), "a shutdown is no change of the verdict")

	s = startWatched(t, remembers)
	s.until(t, "ok", 20*time.Second)
	assert.Equal(t, missing, s.status(t).Verdicts["missing"])
	assert.Equal(t, []string{"starting", "ok", "degraded", "ok", "starting", "ok"}, s.uptime(t).states())
	s.stop(t)
}
