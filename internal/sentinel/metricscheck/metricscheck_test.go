package metricscheck

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/monitoring"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

var (
	start  = time.Unix(1_800_000_000, 0)
	bounds = []time.Duration{time.Millisecond, 5 * time.Millisecond, 50 * time.Millisecond, 500 * time.Millisecond, 5 * time.Second}
)

func ambient(t *testing.T) *traffic.Stream {
	t.Helper()
	shop, err := topology.Load("builtin:shop")
	require.NoError(t, err)
	key, err := identity.NewKey("a key for tests, long enough")
	require.NoError(t, err)
	s, err := traffic.NewStream(key, traffic.Config{Number: 1, Name: "ambient", Topology: shop, Rate: 10, Batches: 1})
	require.NoError(t, err)
	return s
}

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

// plus adds counts, so many times.
func plus(a, b Counts, times float64) Counts {
	sum := Counts{}
	for _, c := range []struct {
		of    Counts
		times float64
	}{{a, 1}, {b, times}} {
		for series, h := range c.of {
			if sum[series] == nil {
				sum[series] = &Histogram{Buckets: make([]float64, len(bounds))}
			}
			sum[series].Count += c.times * h.Count
			for i, n := range h.Buckets {
				sum[series].Buckets[i] += c.times * n
			}
		}
	}
	return sum
}

func TestExpectCountsEverySpanOnce(t *testing.T) {
	s := ambient(t)
	whole := Expect(s, 7, at(0), at(60), bounds)
	parts := plus(Expect(s, 7, at(0), at(17.3), bounds), Expect(s, 7, at(17.3), at(60), bounds), 1)
	assert.Equal(t, whole, parts)
	var spans float64
	for _, h := range whole {
		spans += h.Count
		for i := range bounds {
			assert.LessOrEqual(t, h.Buckets[i], h.Count)
			if i > 0 {
				assert.LessOrEqual(t, h.Buckets[i-1], h.Buckets[i])
			}
		}
	}
	assert.Greater(t, spans, 600.0*3)
	assert.NotEqual(t, whole, Expect(s, 8, at(0), at(60), bounds), "another instance sends other traces")
	above, upTo, ok := whole.Quantile(0.5, bounds)
	require.True(t, ok)
	assert.Less(t, above, upTo)
	assert.Positive(t, whole.ErrorShare())
	assert.Less(t, whole.ErrorShare(), 0.2)
}

// A pipeline that counts right passes wherever the edges of its readings lie; one that does not is caught.
func TestCheck(t *testing.T) {
	s := ambient(t)
	low, high := Expect(s, 7, at(100), at(400), bounds), Expect(s, 7, at(70), at(430), bounds)
	before := Expect(s, 7, at(0), at(85), bounds)
	right := plus(before, Expect(s, 7, at(85), at(410), bounds), 1)

	findings, known := Check(before, right, low, high, bounds)
	assert.True(t, known)
	assert.Empty(t, findings)

	lost := plus(before, Expect(s, 7, at(85), at(410), bounds), 0.7)
	findings, known = Check(before, lost, low, high, bounds)
	assert.True(t, known)
	require.NotEmpty(t, findings, "30 % lost")
	assert.Less(t, findings[0].Got, findings[0].Low)

	twice := plus(before, Expect(s, 7, at(85), at(410), bounds), 2)
	findings, _ = Check(before, twice, low, high, bounds)
	require.NotEmpty(t, findings, "counted twice")

	slow := plus(before, Expect(s, 7, at(85), at(410), bounds), 1)
	for _, h := range slow {
		h.Buckets[1] = h.Buckets[0] // as if all that took 1 to 5 ms had taken longer
	}
	findings, _ = Check(before, slow, low, high, bounds)
	require.NotEmpty(t, findings, "durations are wrong")
	assert.Contains(t, findings[0].String(), "at most 5ms")

	_, known = Check(right, before, low, high, bounds)
	assert.False(t, known, "the counters began anew")
}

// prometheus answers with what is counted, as spanmetrics names it.
type prometheus struct {
	counts Counts
	spoil  func(labels map[string]string)
	err    error
}

func (p prometheus) Query(_ context.Context, _ string, _ time.Time) ([]monitoring.Sample, error) {
	var out []monitoring.Sample
	names := map[ptrace.SpanKind]string{}
	for name, kind := range kinds {
		names[kind] = "SPAN_KIND_" + name
	}
	for series, h := range p.counts {
		status := "STATUS_CODE_UNSET"
		if series.Failed {
			status = "STATUS_CODE_ERROR"
		}
		add := func(le string, v float64) {
			labels := map[string]string{
				"service_name": series.Service, "span_name": series.Span, "span_kind": names[series.Kind], "status_code": status, "le": le,
			}
			if p.spoil != nil {
				p.spoil(labels)
			}
			out = append(out, monitoring.Sample{Labels: labels, Value: v})
		}
		add("+Inf", h.Count)
		for i, b := range bounds {
			add(strconv.FormatFloat(b.Seconds()*1000, 'g', -1, 64), h.Buckets[i])
		}
	}
	return out, p.err
}

func TestRead(t *testing.T) {
	counts := Expect(ambient(t), 7, at(0), at(30), bounds)
	got, readBounds, err := DefaultSource().Read(t.Context(), prometheus{counts: counts}, at(60))
	require.NoError(t, err)
	assert.Equal(t, bounds, readBounds)
	assert.Equal(t, counts, got)

	for want, spoil := range map[string]func(map[string]string){
		"span_kind: must be one of spanmetrics":                func(l map[string]string) { l["span_kind"] = "?" },
		"le: must be a number":                                 func(l map[string]string) { l["le"] = "" },
		"the histograms of different spans have different bou": func(l map[string]string) { l["le"] = strconv.Itoa(len(l["span_name"])) },
	} {
		_, _, err := DefaultSource().Read(t.Context(), prometheus{counts: counts, spoil: spoil}, at(60))
		require.ErrorContains(t, err, want)
	}
	away := errors.New("connection refused")
	_, _, err = DefaultSource().Read(t.Context(), prometheus{err: away}, at(60))
	assert.ErrorIs(t, err, away)
}
