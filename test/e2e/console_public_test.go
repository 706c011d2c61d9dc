package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// statusPage is the example of a public status page, made to lose all traces but the sentinel's own account of them.
type statusPage struct {
	*collector
	t              *testing.T
	inside, public string
}

func startStatusPage(t *testing.T, state string) *statusPage {
	t.Helper()
	file := filepath.Join(repository(t), "examples", "public-status-page.yaml")
	overlay, moved := relocate(t, file)
	lossy := section{
		"processors": section{"filter/leg-that-fails": section{"traces": section{"span": []string{`resource.attributes["service.name"] != "assay-sentinel"`}}}},
		"extensions": section{
			"file_storage": section{"directory": state},
			"sentinel":     section{"storage": "file_storage", "slo": section{"late_after": lateAfter.String(), "lost_after": lostAfter.String(), "p99": lateAfter.String(), "window": "1m"}},
		},
		"service": section{
			"extensions": []string{"file_storage", "console", "console/public", "sentinel"},
			"pipelines":  section{"traces": section{"processors": []string{"filter/leg-that-fails"}}},
		},
	}
	c := start(t, nil, append([]string{"--config", file, "--config", overlay}, merged(t, []section{lossy})...)...)
	return &statusPage{c, t, "http://" + moved["extensions/console"], "http://" + moved["extensions/console/public"]}
}

// ask returns an answer with its status line and headers, as it came.
func (s *statusPage) ask(method, url, body string, headers ...string) (status int, all, text string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	require.NoError(s.t, err)
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
		if pair[0] == "Host" {
			request.Host = pair[1]
		}
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	answer, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	var head strings.Builder
	require.NoError(s.t, response.Header.Write(&head))
	return response.StatusCode, head.String() + string(answer), string(answer)
}

// publicStatus is what everybody is told.
type publicStatus struct {
	State, Text   string
	Announcements []struct{ ID, Text, Severity string }
	Maintenance   []struct{ ID, Text string }
}

func (s *statusPage) told() (p publicStatus) {
	s.t.Helper()
	status, _, text := s.ask(http.MethodGet, s.public+"/api/public/status", "")
	require.Equal(s.t, http.StatusOK, status, text)
	require.NoError(s.t, json.Unmarshal([]byte(text), &p))
	return p
}

// TestPublicStatusPage lets a leg of the example fail: the first console names it, the second one says that something is wrong and nothing of
// what is inside. What people are to know is set on the first one, shown on the second, and outlasts a restart.
func TestPublicStatusPage(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	s := startStatusPage(t, state)
	eventually(t, "a verdict that something fails", patience, func() bool { return s.told().State == "degraded" })
	_, _, inside := s.ask(http.MethodGet, s.inside+"/status?format=json", "")
	var v struct {
		Summary  string
		Reasons  []string
		Failing  []struct{ Operation, Detail, Vantage string }
		Vantages []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal([]byte(inside), &v))
	require.NotEmpty(t, v.Vantages)
	require.NotEmpty(t, v.Reasons)

	version := strings.Fields(run(t, nil, "--version").stdout)
	machine, err := os.Hostname()
	require.NoError(t, err)
	secrets := append([]string{
		"sentinel", "leg-that-fails", "filter", "exporter", "receiver", "pipeline", "otelcol", "collector", "console/", "span", "lost", version[len(version)-1], machine, s.inside, "localhost", "127.0.0.1",
		v.Summary,
	}, v.Reasons...)
	for _, f := range v.Failing {
		secrets = append(secrets, f.Operation, f.Detail)
	}
	for _, p := range v.Vantages {
		secrets = append(secrets, p.Name)
	}
	statuses := map[string]int{}
	for _, request := range [][]string{
		{"GET", "/"},
		{"GET", "/api/public/status"},
		{"GET", "/api/public/page"},
		{"GET", "/api/public/badge.svg"},
		{"GET", "/api/public/badge.svg?show=90d"},
		{"GET", "/api/public/badge.svg?show=x"},
		{"GET", "/api/public/status?x=1"},
		{"GET", "/api/public/status?component=x"},
		{"GET", "/status"},
		{"GET", "/api/console"},
		{"GET", "/api/openapi.json"},
		{"GET", "/api/announcements"},
		{"GET", "/api/maintenance"},
		{"POST", "/api/announcements"},
		{"DELETE", "/api/maintenance/x"},
		{"PUT", "/api/public/status"},
		{"GET", "/live"},
		{"GET", "/.git/config"},
		{"GET", "/", "Host", "elsewhere.example"},
		{"POST", "/", "Origin", "https://elsewhere.example"},
		{"OPTIONS", "/api/public/status", "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "POST"},
	} {
		status, all, _ := s.ask(request[0], s.public+request[1], "", request[2:]...)
		statuses[strings.Join(request[:2], " ")] = status
		for _, secret := range secrets {
			if secret != "" {
				assert.NotContains(t, strings.ToLower(all), strings.ToLower(secret), "%v", request)
			}
		}
	}
	for request, want := range map[string]int{
		"GET /api/public/status": 200, "GET /api/public/badge.svg": 200, "GET /status": 404, "GET /api/console": 404, "POST /api/announcements": 404, "PUT /api/public/status": 404,
		"GET /api/openapi.json": 404, "DELETE /api/maintenance/x": 404, "GET /live": 404,
	} {
		assert.Equal(t, want, statuses[request], request)
	}

	s.add("/api/announcements", section{"text": "Traces are <b>late</b>", "severity": "critical"})
	now := time.Now()
	s.add("/api/maintenance", section{"text": "Move of the database", "from": now.Add(time.Hour), "to": now.Add(2 * time.Hour)})
	shown := func(s *statusPage, state string) func() bool {
		return func() bool {
			p := s.told()
			return p.State == state && len(p.Announcements) == 1 && p.Announcements[0].Text == "Traces are <b>late</b>" && p.Announcements[0].Severity == "critical" &&
				len(p.Maintenance) > 0 && p.Maintenance[len(p.Maintenance)-1].Text == "Move of the database"
		}
	}
	eventually(t, "what was set on the first console is on the second", patience, shown(s, "degraded"))
	_, page, _ := s.ask(http.MethodGet, s.public+"/api/public/status", "")
	assert.NotContains(t, page, "<b>", "it is escaped, for those who take JSON for a page")
	s.stop(t)

	s = startStatusPage(t, state)
	eventually(t, "it is there after a restart", patience, shown(s, "degraded"))
	// Planned work explains what fails.
	s.add("/api/maintenance", section{"text": "Move of the database", "from": now.Add(-time.Minute), "to": now.Add(time.Hour)})
	eventually(t, "maintenance is under way", patience, shown(s, "maintenance"))
	for _, m := range s.told().Maintenance {
		status, _, text := s.ask(http.MethodDelete, s.inside+"/api/maintenance/"+m.ID, "")
		require.Equal(t, http.StatusOK, status, text)
	}
	eventually(t, "what was removed is gone", patience, func() bool { return len(s.told().Maintenance) == 0 })
	s.stop(t)
}

// add posts to the first console.
func (s *statusPage) add(path string, body section) {
	s.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(s.t, err)
	status, _, answer := s.ask(http.MethodPost, s.inside+path, string(text), "Content-Type", "application/json")
	require.Equal(s.t, http.StatusCreated, status, answer)
}
