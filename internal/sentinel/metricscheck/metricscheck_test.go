package metricscheck

import (
	"context"
	"errors"
	"fmt"
	"math"
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

func reading(c Counts) Reading { return Reading{Counts: c, Bounds: bounds} }

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
}

// A pipeline that counts right passes wherever the edges of its readings lie; one that does not is caught.
func TestCheck(t *testing.T) {
	s := ambient(t)
	low, high := Expect(s, 7, at(100), at(400), bounds), Expect(s, 7, at(70), at(430), bounds)
	before := Expect(s, 7, at(0), at(85), bounds)
	right := plus(before, Expect(s, 7, at(85), at(410), bounds), 1)

	findings, known := Check(reading(before), reading(right), low, high)
	assert.True(t, known)
	assert.Empty(t, findings)

	lost := plus(before, Expect(s, 7, at(85), at(410), bounds), 0.7)
	findings, known = Check(reading(before), reading(lost), low, high)
	assert.True(t, known)
	require.NotEmpty(t, findings, "30 % lost")
	assert.Less(t, findings[0].Got, findings[0].Low)

	twice := plus(before, Expect(s, 7, at(85), at(410), bounds), 2)
	findings, _ = Check(reading(before), reading(twice), low, high)
	require.NotEmpty(t, findings, "counted twice")

	slow := plus(before, Expect(s, 7, at(85), at(410), bounds), 1)
	for _, h := range slow {
		h.Buckets[1] = h.Buckets[0] // as if all that took 1 to 5 ms had taken longer
	}
	findings, _ = Check(reading(before), reading(slow), low, high)
	require.NotEmpty(t, findings, "durations are wrong")
	assert.Contains(t, findings[0].String(), "at most 5ms")

	_, known = Check(reading(right), reading(before), low, high)
	assert.False(t, known, "the counters began anew")

	other := reading(before)
	other.Bounds = bounds[:2]
	for _, h := range other.Counts {
		h.Buckets = h.Buckets[:2]
	}
	_, known = Check(other, reading(right), low, high)
	assert.False(t, known, "other bounds")
}

// What is no number is never right.
func TestCheckOfNaN(t *testing.T) {
	series := Series{Span: "a"}
	one := func(count, bucket float64) Counts { return Counts{series: {Count: count, Buckets: []float64{bucket}}} }
	at := func(c Counts) Reading { return Reading{Counts: c, Bounds: bounds[:1]} }
	_, known := Check(at(one(1, 1)), at(one(math.NaN(), 2)), one(1, 1), one(1, 1))
	assert.False(t, known)
	findings, known := Check(at(one(1, 1)), at(one(2, math.NaN())), one(1, 1), one(1, 1))
	assert.True(t, known)
	assert.Len(t, findings, 1)
}

// prometheus answers with what is counted, as spanmetrics names it.
type prometheus struct {
	counts Counts
	spoil  func(labels map[string]string)
	value  float64 // instead of the count up to 5 ms, unless it is 0
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
			if p.value != 0 && le == "5" {
				v = p.value
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
	got, err := DefaultSource().Read(t.Context(), prometheus{counts: counts}, at(60))
	require.NoError(t, err)
	assert.Equal(t, Reading{At: at(60), Counts: counts, Bounds: bounds}, got)

	for want, spoil := range map[string]func(map[string]string){
		"span_kind: must be one of spanmetrics": func(l map[string]string) { l["span_kind"] = "?" },
		`le: must be a number, got ""`:          func(l map[string]string) { l["le"] = "" },
		`le: must be a number, got "NaN"`:       func(l map[string]string) { l["le"] = "NaN" },
		`has no bucket with le="+Inf"`:          func(l map[string]string) { l["le"] = "7" },
		"the histograms of different spans have different bou": func(l map[string]string) {
			if l["le"] != "+Inf" {
				l["le"] = strconv.Itoa(len(l["span_name"]))
			}
		},
	} {
		_, err := DefaultSource().Read(t.Context(), prometheus{counts: counts, spoil: spoil}, at(60))
		require.ErrorContains(t, err, want)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
		_, err := DefaultSource().Read(t.Context(), prometheus{counts: counts, value: v}, at(60))
		require.ErrorContains(t, err, fmt.Sprintf("up to 5 must be a number of spans, got %v", v))
	}
	away := errors.New("connection refused")
	_, err = DefaultSource().Read(t.Context(), prometheus{err: away}, at(60))
	assert.ErrorIs(t, err, away)
}

// answers are given as they are.
type answers []monitoring.Sample

func (a answers) Query(context.Context, string, time.Time) ([]monitoring.Sample, error) {
	return a, nil
}

// A series with nothing but its count has no bounds, whichever is read first: maps have no order.
func TestReadOfACountAlone(t *testing.T) {
	of := func(span, le string) monitoring.Sample {
		return monitoring.Sample{Labels: map[string]string{"span_name": span, "span_kind": "SPAN_KIND_SERVER", "le": le}, Value: 1}
	}
	for range 20 {
		_, err := DefaultSource().Read(t.Context(), answers{of("a", "+Inf"), of("b", "5"), of("b", "+Inf")}, at(60))
		require.EqualError(t, err, "the histograms of different spans have different bounds")
	}
	got, err := DefaultSource().Read(t.Context(), answers{of("a", "+Inf"), of("b", "+Inf")}, at(60))
	require.NoError(t, err)
	assert.Empty(t, got.Bounds)
	assert.Len(t, got.Counts, 2)
}
