package watch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/monitoring"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
)

// servers stand for Prometheus and Alertmanager: an HTTP transport without a network.
type servers struct {
	mu     sync.Mutex
	down   bool
	state  string // of the rule
	held   bool
	answer func(query string, at string) string // to a query of Prometheus
}

func (s *servers) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errors.New("connection refused")
	}
	var body string
	switch {
	case strings.HasSuffix(r.URL.Path, "/rules"):
		body = fmt.Sprintf(`{"status":"success","data":{"groups":[{"rules":[{"name":"SentinelBurst","state":%q,"health":"ok"}]}]}}`, s.state)
	case strings.HasSuffix(r.URL.Path, "/query"):
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		body = `{"status":"success","data":{"resultType":"vector","result":[` + s.answer(r.Form.Get("query"), r.Form.Get("time")) + `]}}`
	case s.held:
		body = `[{"labels":{"alertname":"SentinelBurst"},"receivers":[{"name":"assay-sentinel"}],"status":{"inhibitedBy":[],"silencedBy":[]}}]`
	default:
		body = `[]`
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

func (s *servers) set(state string, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.held = state, held
}

func (s *servers) config(t *testing.T) *AlertsConfig {
	t.Helper()
	client := &http.Client{Transport: s}
	prometheus, err := monitoring.NewPrometheus("http://prometheus", client)
	require.NoError(t, err)
	alertmanager, err := monitoring.NewAlertmanager("http://alertmanager", client)
	require.NoError(t, err)
	return &AlertsConfig{
		Prometheus: prometheus, Alertmanager: alertmanager, Receiver: "assay-sentinel", Poll: time.Second,
		Intervals: alertcycle.Intervals{Scrape: time.Second, Evaluation: time.Second, Range: 10 * time.Second, GroupWait: time.Second, GroupInterval: 5 * time.Second, Slack: 5 * time.Second},
	}
}

func (p *pipeline) notify(status string) {
	p.t.Helper()
	body := fmt.Sprintf(`{"version":"4","receiver":"assay-sentinel","alerts":[{"status":%q,"labels":{"alertname":"SentinelBurst"}}]}`, status)
	answer := httptest.NewRecorder()
	p.Webhook().ServeHTTP(answer, httptest.NewRequestWithContext(p.t.Context(), http.MethodPost, "/", bytes.NewBufferString(body)))
	require.Equal(p.t, http.StatusOK, answer.Code)
}

func burst(t *testing.T, length time.Duration) vantage.Stream {
	t.Helper()
	s := testStream(t, func(c *traffic.Config) {
		c.Name, c.Number, c.Every, c.For, c.ErrorShare = "burst", 1, 2*time.Minute, length, 0.5
	})
	s.Alert = "SentinelBurst"
	return s
}

// A burst whose alert fires, is told and clears is ok; the next, which nobody hears of, is not, and says where it broke.
func TestAlertCycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &servers{state: "inactive"}
		p := watching(t, func(c *Config) { c.Alerts = s.config(t) })
		pass(time.Until(time.Now().Truncate(2 * time.Minute).Add(time.Minute + 30*time.Second))) // between two bursts
		p.sending(burst(t, time.Minute))
		alerts := func() Vantage { v := p.Report().Vantages; return v[len(v)-1] }
		assert.Equal(t, Starting, alerts().State)
		pass(35 * time.Second) // 5 s into the burst
		s.set("firing", true)
		pass(2 * time.Second)
		p.notify("firing")
		pass(55 * time.Second)
		s.set("inactive", false)
		pass(3 * time.Second)
		p.notify("resolved")
		pass(5 * time.Second)
		require.Equal(t, OK, alerts().State, alerts().Reason)
		told := p.answersAll()
		assert.InDelta(t, 7, float64(told.Vantages[len(told.Vantages)-1].Alerts[0].Notified), 1)
		one := alerts().Alerts[0]
		assert.Equal(t, "verified", one.Outcome)
		assert.InDelta(t, 7, one.Told, 1)
		assert.InDelta(t, 5, one.Cleared, 1)

		pass(time.Minute + 15*time.Second) // the rule is silent in the next burst
		assert.Equal(t, Degraded, alerts().State)
		assert.Contains(t, alerts().Reason, "SentinelBurst was missed in the burst of ")
		assert.Contains(t, alerts().Reason, "what broke is the rule")
		told = p.answersAll()
		assert.True(t, math.IsNaN(float64(told.Vantages[len(told.Vantages)-1].Alerts[0].Fired)), "it never did")
		assert.Equal(t, Degraded, p.State())
		p.end()
		assert.Equal(t, alertcycle.Verified, p.witness.results[0].Outcome)
	})
}

// What an earlier run found out of an alert is shown, but is no verdict of this one, and is forgotten when it is too old.
func TestRememberedAlertIsNoVerdict(t *testing.T) {
	for _, outcome := range []alertcycle.Outcome{alertcycle.Verified, alertcycle.Missed} {
		synctest.Test(t, func(t *testing.T) {
			last := &alertcycle.Result{Burst: alertcycle.Burst{Start: time.Now().Add(-time.Minute), End: time.Now()}, Outcome: outcome, Fired: -1, Told: -1, Cleared: -1}
			text, err := json.Marshal(memory{Version: memoryVersion, Alerts: map[string]alertMemory{
				"SentinelBurst": {Last: last, Outcomes: map[string]uint64{string(outcome): 1}},
			}})
			require.NoError(t, err)
			s := &servers{state: "inactive"}
			p := watching(t, func(c *Config) { c.Alerts, c.Memory = s.config(t), &notebook{text: text} })
			_, err = p.Announce(component.MustNewID("sentinel"), []vantage.Stream{burst(t, time.Minute)})
			require.NoError(t, err)
			alerts := func() Vantage { return p.Report().Vantages[0] }
			pass(time.Second)
			require.Len(t, alerts().Alerts, 1)
			assert.Equal(t, string(outcome), alerts().Alerts[0].Outcome)
			assert.Equal(t, Starting, alerts().State)
			assert.Equal(t, Starting, p.State(), "so there is no heartbeat")
			assert.Contains(t, alerts().Reason, "before the restart, SentinelBurst was "+string(outcome))
			assert.Empty(t, p.Report().Failing)
			p.alerts.mu.Lock()
			f := p.alerts.followed["SentinelBurst"]
			f.last.Burst.Start = time.Now().Add(-f.until)
			p.alerts.mu.Unlock()
			pass(time.Second)
			assert.Equal(t, "waiting", alerts().Alerts[0].Outcome)
			assert.Equal(t, noBurst, alerts().Reason)
			assert.Equal(t, uint64(1), alerts().Alerts[0].Outcomes[string(outcome)])
			p.end()
		})
	}
}

// A notification that somebody else sends to the webhook is not believed against Prometheus.
func TestForgedNotification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &servers{state: "inactive"}
		p := watching(t, func(c *Config) { c.Alerts = s.config(t) })
		pass(time.Until(time.Now().Truncate(2 * time.Minute).Add(time.Minute + 45*time.Second))) // between two bursts
		p.sending(burst(t, time.Minute))
		pass(2 * time.Second)
		p.notify("firing")
		for range 5 {
			pass(time.Second)
			assert.False(t, p.Report().Vantages[1].Alerts[0].Firing)
			assert.NotContains(t, strings.Join(p.Report().Reasons, "\n"), "spurious")
		}
		p.end()
	})
}

// Servers that do not answer make the verdict unknown.
func TestMonitoringDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &servers{state: "inactive", down: true}
		p := watching(t, func(c *Config) { c.Alerts = s.config(t) }).sending(testStream(t, nil), burst(t, time.Minute))
		pass(time.Minute)
		assert.Equal(t, Unknown, p.State())
		assert.Contains(t, strings.Join(p.Report().Reasons, "\n"), "has not answered")
		p.end()
	})
}

// A burst that is too short for the declared intervals is refused.
func TestBurstTooShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &servers{}
		p := watching(t, func(c *Config) { c.Alerts = s.config(t) })
		_, err := p.Announce(component.MustNewID("sentinel"), []vantage.Stream{burst(t, 5*time.Second)})
		require.ErrorContains(t, err, "streams::burst: its alert SentinelBurst cannot be followed with the intervals that sentinel declares: for: must be longer than 14s")
		p.end()
	})
}

// Two bursts that trip one rule could not be told apart.
func TestOneAlertOfTwoStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &servers{state: "inactive"}
		p := watching(t, func(c *Config) { c.Alerts = s.config(t) })
		another := testStream(t, func(c *traffic.Config) {
			c.Name, c.Number, c.Every, c.For, c.ErrorShare = "burst", 2, 4*time.Minute, time.Minute, 0.5
		})
		another.Alert = "SentinelBurst"
		first, err := p.Announce(component.MustNewID("sentinel"), []vantage.Stream{burst(t, time.Minute)})
		require.NoError(t, err)
		_, err = p.Announce(component.MustNewIDWithName("sentinel", "b"), []vantage.Stream{another})
		require.ErrorContains(t, err, "streams::burst::alert: SentinelBurst is tripped by stream burst of sentinel already")
		first.Close()
		_, err = p.Announce(component.MustNewIDWithName("sentinel", "b"), []vantage.Stream{another})
		require.NoError(t, err)
		p.end()
	})
}
