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

// Read takes a reading at a moment: all series, and the bounds of their buckets. Series whose bounds differ are an error.
func (s Source) Read(ctx context.Context, from asker, at time.Time) (Counts, []time.Duration, error) {
	expression := fmt.Sprintf("sum by (service_name, span_name, span_kind, status_code, le) (%s_bucket{%s})", s.Metric, s.Matchers)
	samples, err := from.Query(ctx, expression, at)
	if err != nil {
		return nil, nil, err
	}
	read := map[Series]map[float64]float64{} // counts by bound
	for _, sample := range samples {
		series, err := seriesOf(sample.Labels)
		if err != nil {
			return nil, nil, err
		}
		le, err := strconv.ParseFloat(sample.Labels["le"], 64)
		if err != nil {
			return nil, nil, fmt.Errorf("le: must be a number, got %q", sample.Labels["le"])
		}
		if read[series] == nil {
			read[series] = map[float64]float64{}
		}
		read[series][le] += sample.Value
	}
	counts := Counts{}
	var bounds []time.Duration
	for series, buckets := range read {
		h := &Histogram{}
		var own []time.Duration
		for _, upTo := range slices.Sorted(maps.Keys(buckets)) {
			if math.IsInf(upTo, 1) {
				h.Count = buckets[upTo]
				continue
			}
			own = append(own, time.Duration(math.Round(upTo*float64(s.Unit))))
			h.Buckets = append(h.Buckets, buckets[upTo])
		}
		if bounds == nil {
			bounds = own
		}
		if !slices.Equal(bounds, own) {
			return nil, nil, errors.New("the histograms of different spans have different bounds")
		}
		counts[series] = h
	}
	return counts, bounds, nil
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
