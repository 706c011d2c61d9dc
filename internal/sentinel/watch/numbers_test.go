package watch

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/metricscheck"
	"github.com/assayhq/assay/internal/sentinel/monitoring"
	"github.com/assayhq/assay/internal/sentinel/vantage"
)

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
					n, le = h.Buckets[i], strconv.FormatInt(bounds[i].Milliseconds(), 10)
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
				p := checkingNumbers(t, s, time.Second, 20*time.Second).sending(stream)
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

// checkingNumbers is a watch that reads numbers from servers.
func checkingNumbers(t *testing.T, s *servers, every, edge time.Duration) *pipeline {
	t.Helper()
	prometheus, err := monitoring.NewPrometheus("http://prometheus", &http.Client{Transport: s})
	require.NoError(t, err)
	return watching(t, func(c *Config) {
		c.Numbers = &NumbersConfig{Prometheus: prometheus, Source: metricscheck.DefaultSource(), Every: every, Edge: edge}
	})
}

// Numbers that are what the traces must make are ok; spans that are not counted are found; no answer is unknown.
func TestNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := testStream(t, nil)
		var lost float64
		s := &servers{answer: counting(stream, &lost)}
		p := checkingNumbers(t, s, time.Minute, 5*time.Second).sending(stream)
		numbers := func() *Vantage { return p.at("numbers") }
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
		p := checkingNumbers(t, s, time.Minute, 5*time.Second).sending(stream)
		numbers := func() *Vantage { return p.at("numbers") }
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
