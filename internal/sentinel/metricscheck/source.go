package metricscheck

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/monitoring"
)

// Source is a histogram of span durations in Prometheus, as the spanmetrics connector makes it.
type Source struct {
	Metric   string        // without _bucket
	Matchers string        // that choose the sentinel's series, such as service_namespace="assay-sentinel"; may be empty
	Unit     time.Duration // of the bounds
}

// DefaultSource is what spanmetrics and the prometheus exporter make with their defaults.
func DefaultSource() Source {
	return Source{Metric: "traces_span_metrics_duration_milliseconds", Unit: time.Millisecond}
}

// asker asks Prometheus.
type asker interface {
	Query(ctx context.Context, expression string, at time.Time) ([]monitoring.Sample, error)
}

var _ asker = (*monitoring.Prometheus)(nil)

// Reading is what the histogram had at a moment.
type Reading struct {
	At     time.Time
	Counts Counts
	Bounds []time.Duration // of the buckets of every series, ascending
}

// Read takes a reading at a moment. Series whose bounds differ are an error, and so is a value that no counter can have.
func (s Source) Read(ctx context.Context, from asker, at time.Time) (Reading, error) {
	expression := fmt.Sprintf("sum by (service_name, span_name, span_kind, status_code, le) (%s_bucket{%s})", s.Metric, s.Matchers)
	samples, err := from.Query(ctx, expression, at)
	if err != nil {
		return Reading{}, err
	}
	read := map[Series]map[float64]float64{} // counts by bound
	for _, sample := range samples {
		series, err := seriesOf(sample.Labels)
		if err != nil {
			return Reading{}, err
		}
		le, err := strconv.ParseFloat(sample.Labels["le"], 64)
		if err != nil || math.IsNaN(le) || math.IsInf(le, -1) {
			return Reading{}, fmt.Errorf("le: must be a number, got %q", sample.Labels["le"])
		}
		if !(sample.Value >= 0) || math.IsInf(sample.Value, 1) {
			return Reading{}, fmt.Errorf("the count of %s %q up to %s must be a number of spans, got %v",
				series.Service, series.Span, sample.Labels["le"], sample.Value)
		}
		if read[series] == nil {
			read[series] = map[float64]float64{}
		}
		read[series][le] += sample.Value
	}
	out := Reading{At: at, Counts: Counts{}}
	for series, buckets := range read {
		h := &Histogram{}
		own := []time.Duration{}
		if _, ok := buckets[math.Inf(1)]; !ok {
			return Reading{}, fmt.Errorf("the histogram of %s %q has no bucket with le=\"+Inf\"", series.Service, series.Span)
		}
		for _, upTo := range slices.Sorted(maps.Keys(buckets)) {
			if math.IsInf(upTo, 1) {
				h.Count = buckets[upTo]
				continue
			}
			own = append(own, time.Duration(math.Round(upTo*float64(s.Unit))))
			h.Buckets = append(h.Buckets, buckets[upTo])
		}
		if len(out.Counts) == 0 {
			out.Bounds = own
		}
		if !slices.Equal(out.Bounds, own) {
			return Reading{}, errors.New("the histograms of different spans have different bounds")
		}
		out.Counts[series] = h
	}
	return out, nil
}

// seriesOf reads the labels that spanmetrics writes. Spans without a status and with a good one are one series here.
func seriesOf(labels map[string]string) (Series, error) {
	kind, ok := kinds[strings.TrimPrefix(labels["span_kind"], "SPAN_KIND_")]
	if !ok {
		return Series{}, fmt.Errorf("span_kind: must be one of spanmetrics, got %q", labels["span_kind"])
	}
	return Series{
		Service: labels["service_name"], Span: labels["span_name"], Kind: kind, Failed: labels["status_code"] == "STATUS_CODE_ERROR",
	}, nil
}

var kinds = map[string]ptrace.SpanKind{
	"UNSPECIFIED": ptrace.SpanKindUnspecified, "INTERNAL": ptrace.SpanKindInternal, "SERVER": ptrace.SpanKindServer,
	"CLIENT": ptrace.SpanKindClient, "PRODUCER": ptrace.SpanKindProducer, "CONSUMER": ptrace.SpanKindConsumer,
}
