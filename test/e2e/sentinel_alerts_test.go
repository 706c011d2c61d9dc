package e2e

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// server runs a program of Debian until the test ends, and returns its address once it is ready.
func server(t *testing.T, program, address string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		lacking(t, "no "+program+": apt-get install "+program)
	}
	cmd := exec.CommandContext(context.Background(), path, append(args, "--web.listen-address="+address)...)
	cmd.Dir = t.TempDir()
	log := newLogLines()
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has nothing to save
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", program, log)
		}
	})
	eventually(t, program+" is ready", patience, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/-/ready", nil)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		require.NoError(t, response.Body.Close())
		return response.StatusCode == http.StatusOK
	})
}

// shipped writes a file of examples/sentinel with some of its text replaced, all of which must be there.
func shipped(t *testing.T, dir, name string, replacements ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), "examples", "sentinel", name))
	require.NoError(t, err)
	for i := 0; i < len(replacements); i += 2 {
		require.Contains(t, string(text), replacements[i])
	}
	to := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(to, []byte(strings.NewReplacer(replacements...).Replace(string(text))), 0o600))
	return to
}

// alerting is a collector with bursts, a real Prometheus and a real Alertmanager, all in a hurry.
type alerting struct{ *watched }

func startAlerting(t *testing.T, rules, routes []string) *alerting {
	t.Helper()
	for _, program := range []string{"prometheus", "prometheus-alertmanager"} {
		if _, err := exec.LookPath(program); err != nil {
			lacking(t, "no "+program+": apt-get install "+program)
		}
	}
	dir := t.TempDir()
	prometheus, alertmanager, webhook, metrics := freeAddress(t), freeAddress(t), freeAddress(t), freeAddress(t)
	shipped(t, dir, "rules.yaml", append(rules, "15s", "1s", "[1m]", "[4s]")...)
	server(t, "prometheus-alertmanager", alertmanager, "--cluster.listen-address=", "--storage.path="+t.TempDir(), "--config.file="+
		shipped(t, dir, "alertmanager.yaml", append(routes, "localhost:4081", webhook, "group_wait: 10s", "group_wait: 1s", "group_interval: 1m", "group_interval: 2s")...))
	// What fires before Prometheus has found Alertmanager is told again after the delay, which is a minute by default.
	server(t, "prometheus", prometheus, "--storage.tsdb.path="+t.TempDir(), "--rules.alert.resend-delay=2s", "--config.file="+
		shipped(t, dir, "prometheus.yaml", "15s", "1s", "localhost:8889", metrics, "localhost:9093", alertmanager))
	bursts := section{
		"receivers": section{"sentinel": section{"streams": section{
			"ambient": section{"rate": 10},
			"burst":   section{"every": "21s", "for": "9s", "rate": 10, "error_share": 0.5, "alert": "SentinelBurst"},
		}}},
		"connectors": section{"spanmetrics": section{
			"metrics_flush_interval": "500ms", "dimensions": []any{section{"name": "service.namespace"}, section{"name": "assay.sentinel.stream"}},
		}},
		"exporters": section{"prometheus": section{"endpoint": metrics}},
		"extensions": section{"sentinel": section{
			"prometheus": section{
				"endpoint": "http://" + prometheus, "scrape_interval": "1s", "evaluation_interval": "1s", "rule": section{"range": "4s"},
				"numbers": section{"every": "10s", "edge": "6s"},
			},
			"alertmanager": section{
				"endpoint": "http://" + alertmanager, "receiver": "assay-sentinel", "group_wait": "1s", "group_interval": "2s", "slack": "2s",
				"webhook": section{"endpoint": webhook},
			},
		}},
		"service": section{"pipelines": section{
			"traces/stored": section{"receivers": []string{"otlp"}, "exporters": []string{"sentinel", "spanmetrics"}},
			"metrics":       section{"receivers": []string{"spanmetrics"}, "exporters": []string{"prometheus"}},
		}},
	}
	return &alerting{startWatched(t, bursts)}
}

// TestSentinelAlertCycle lets bursts trip the shipped rule in a real Prometheus, which a real Alertmanager tells, and checks the
// numbers that spanmetrics makes of the same traces.
func TestSentinelAlertCycle(t *testing.T) {
	t.Parallel()
	s := startAlerting(t, nil, nil)
	eventually(t, "an alert that fires, is told and clears", 3*time.Minute, func() bool {
		for _, v := range s.status(t).Vantages {
			if v.Name == "alerts" && len(v.Alerts) == 1 && v.Alerts[0].Outcome != "waiting" {
				a := v.Alerts[0]
				assert.Equal(t, "verified", a.Outcome, a.Broken)
				t.Logf("fired after %.1f s, told after %.1f s, cleared %.1f s after the end", a.Fired, a.Told, a.Cleared)
				for _, seconds := range []float64{a.Fired, a.Told, a.Cleared} {
					assert.Positive(t, seconds, "it was seen")
				}
				return true
			}
		}
		return false
	})
	eventually(t, "every vantage ok, the numbers too", time.Minute, func() bool {
		v := s.status(t)
		require.Equal(t, "ok", v.State, v.Reasons)
		return !slices.ContainsFunc(v.Vantages, func(one vantage) bool { return one.State != "ok" })
	})
	s.stop(t)
}

// TestSentinelNamesWhatBroke breaks each link of the chain from the burst to the webhook.
func TestSentinelNamesWhatBroke(t *testing.T) {
	t.Parallel()
	for broken, change := range map[string]struct{ rules, routes []string }{
		"rule":    {rules: []string{"> 0.5", "> 500000"}},
		"route":   {routes: []string{"alertname = SentinelBurst", "alertname = SomethingElse"}},
		"webhook": {routes: []string{"http://localhost:4081/", "http://localhost:1/"}},
		"inhibition": {
			rules:  []string{"    rules:\n", "    rules:\n      - {alert: Outage, expr: vector(1), labels: {severity: outage}}\n"},
			routes: []string{"\nreceivers:", "\ninhibit_rules: [{source_matchers: [severity = outage], target_matchers: [alertname = SentinelBurst]}]\n\nreceivers:"},
		},
	} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			s := startAlerting(t, change.rules, change.routes)
			eventually(t, "a verdict that names the "+broken, 3*time.Minute, func() bool {
				for _, f := range s.status(t).Failing {
					if f.Vantage == "alerts" {
						assert.Equal(t, "missed", f.Verdict)
						assert.Equal(t, "SentinelBurst", f.Operation)
						assert.Equal(t, broken, f.Detail)
						return true
					}
				}
				return false
			})
			assert.Equal(t, "degraded", s.status(t).State)
			s.stop(t)
		})
	}
}
