package watch

import (
	"bytes"
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
	"github.com/assayhq/assay/internal/sentinel/metricscheck"
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
		one := alerts().Alerts[0]
		assert.Equal(t, "verified", one.Outcome)
		assert.InDelta(t, 7, one.Told, 1)
		assert.InDelta(t, 5, one.Cleared, 1)

		pass(time.Minute + 15*time.Second) // the rule is silent in the next burst
		assert.Equal(t, Degraded, alerts().State)
		assert.Contains(t, alerts().Reason, "SentinelBurst was missed in the burst of ")
		assert.Contains(t, alerts().Reason, "what broke is the rule")
		assert.Equal(t, Degraded, p.State())
		p.end()
		assert.Equal(t, alertcycle.Verified, p.witness.results[0].Outcome)
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

// counting answers as Prometheus does that has counted the spans of a stream since now, but for a share that is lost.
func counting(stream vantage.Stream, lost *float64) func(string, string) string {
	return countingUpTo(stream, lost, 100*time.Millisecond, time.Second)
}

func countingUpTo(stream vantage.Stream, lost *float64, bounds ...time.Duration) func(string, string) string {
	begin := time.Now()
	return func(_, at string) string {
		var seconds float64
		_, _ = fmt.Sscan(at, &seconds)
		counts := metricscheck.Expect(stream.Stream, instance, begin, time.UnixMicro(int64(seconds*1e6)), bounds)
		var out []string
		for series, h := range counts {
			for i := range len(bounds) + 1 {
				n, le := h.Count, "+Inf"
				if i < len(bounds) {
					n, le = h.Buckets[i], fmt.Sprint(bounds[i].Milliseconds())
				}
				status := "STATUS_CODE_UNSET"
				if series.Failed {
					status = "STATUS_CODE_ERROR"
				}
				out = append(out, fmt.Sprintf(`{"metric":{"service_name":%q,"span_name":%q,"span_kind":"SPAN_KIND_%s","status_code":%q,"le":%q},"value":[%s,"%v"]}`,
					series.Service, series.Span, strings.ToUpper(series.Kind.String()), status, le, at, n*(1-*lost)))
			}
		}
		return strings.Join(out, ",")
	}
}

// Before a number can be due, that there is none says nothing; nor do counts that have spans of an earlier run.
func TestNumbersNeedTheirTime(t *testing.T) {
	for name, test := range map[string]struct {
		counts bool
		want   State
	}{"counted": {true, OK}, "not counted": {false, Unknown}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lost float64
				stream := testStream(t, nil)
				s := &servers{answer: func(string, string) string { return "" }}
				if test.counts {
					s.answer = counting(stream, &lost)
				}
				prometheus, err := monitoring.NewPrometheus("http://prometheus", &http.Client{Transport: s})
				require.NoError(t, err)
				p := watching(t, func(c *Config) {
					c.Numbers = &NumbersConfig{Prometheus: prometheus, Source: metricscheck.DefaultSource(), Every: time.Second, Edge: 20 * time.Second}
				}).sending(stream)
				for range 24 {
					pass(time.Second)
					require.Equal(t, Starting, p.Report().Vantages[1].State, p.Report().Reasons)
				}
				pass(4 * time.Second)
				assert.Equal(t, test.want, p.Report().Vantages[1].State, p.Report().Reasons)
				p.end()
			})
		})
	}
}

// Numbers that are what the traces must make are ok; spans that are not counted are found; no answer is unknown.
func TestNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := testStream(t, nil)
		var lost float64
		s := &servers{answer: counting(stream, &lost)}
		prometheus, err := monitoring.NewPrometheus("http://prometheus", &http.Client{Transport: s})
		require.NoError(t, err)
		p := watching(t, func(c *Config) {
			c.Numbers = &NumbersConfig{Prometheus: prometheus, Source: metricscheck.DefaultSource(), Every: time.Minute, Edge: 5 * time.Second}
		}).sending(stream)
		numbers := func() Vantage { v := p.Report().Vantages; return v[len(v)-1] }
		assert.Equal(t, Starting, numbers().State)
		pass(5 * time.Minute)
		require.Equal(t, OK, numbers().State, numbers().Reason)
		s.mu.Lock()
		lost = 0.5 // of what was counted before, too: the counters seem to begin anew once
		s.mu.Unlock()
		pass(3 * time.Minute)
		require.Equal(t, Degraded, numbers().State)
		assert.Contains(t, numbers().Reason, "numbers cannot be right")
		assert.NotEmpty(t, p.Report().Failing)
		s.mu.Lock()
		s.down = true
		s.mu.Unlock()
		pass(2 * time.Minute)
		assert.Equal(t, Unknown, numbers().State)
		assert.Contains(t, numbers().Reason, "Prometheus cannot be read")
		p.end()
	})
}

// Bounds that somebody changes between two readings are a beginning, and no trouble; a value that is no number is unknown.
func TestNumbersWithOtherBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := testStream(t, nil)
		var lost float64
		s := &servers{answer: counting(stream, &lost)}
		prometheus, err := monitoring.NewPrometheus("http://prometheus", &http.Client{Transport: s})
		require.NoError(t, err)
		p := watching(t, func(c *Config) {
			c.Numbers = &NumbersConfig{Prometheus: prometheus, Source: metricscheck.DefaultSource(), Every: time.Minute, Edge: 5 * time.Second}
		}).sending(stream)
		numbers := func() Vantage { v := p.Report().Vantages; return v[len(v)-1] }
		count := func(answer func(string, string) string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.answer = answer
		}
		pass(5*time.Minute + time.Second)
		require.Equal(t, OK, numbers().State, numbers().Reason)
		count(countingUpTo(stream, &lost, time.Millisecond, 10*time.Millisecond, 100*time.Millisecond, time.Second))
		pass(time.Minute)
		require.Equal(t, Starting, numbers().State)
		assert.Equal(t, "the histogram began anew, with other bounds", numbers().Reason)
		pass(time.Minute)
		require.Equal(t, OK, numbers().State, numbers().Reason)
		count(countingUpTo(stream, &lost, time.Second))
		pass(time.Minute)
		require.Equal(t, Starting, numbers().State)
		s.mu.Lock()
		lost = math.NaN()
		s.mu.Unlock()
		pass(time.Minute)
		require.Equal(t, Unknown, numbers().State)
		assert.Contains(t, numbers().Reason, "must be a number of spans, got NaN")
		p.end()
	})
}
