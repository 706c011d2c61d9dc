package tracemetrics

import (
	"time"

	"github.com/lightstep/go-expohisto/structure"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/assayhq/assay/internal/samplermarks"
)

// Names of the metrics.
const (
	PathDuration      = "traces.path.duration"
	PathRequests      = "traces.path.requests"
	PathErrors        = "traces.path.errors"
	OperationDuration = "traces.operation.duration"
	OperationRequests = "traces.operation.requests"
	OperationErrors   = "traces.operation.errors"
)

// metricNames are those of a family, each with its description.
type metricNames struct{ duration, requests, errors [2]string }

var (
	pathNames = metricNames{
		[2]string{PathDuration, "How long traces took, from the start of the earliest span to the end of the latest; all of them, whether kept or not."},
		[2]string{PathRequests, "Traces, whether kept or not."},
		[2]string{PathErrors, "Traces whose root span failed, whether kept or not."},
	}
	operationNames = metricNames{
		[2]string{OperationDuration, "How long spans took; all of them, whether kept or not."},
		[2]string{OperationRequests, "Spans, whether kept or not."},
		[2]string{OperationErrors, "Spans that failed, whether kept or not."},
	}
)

// Names of attributes.
const (
	attributeService   = "service.name"
	attributeSpan      = "span.name"
	attributeKind      = "span.kind"
	attributePath      = "assay.path"
	attributeOperation = "assay.operation"
	attributeOverflow  = "otel.metric.overflow"
)

// batch is how many series are written while those who count wait.
const batch = 256

// Collect writes what was counted to dst. Series that have ended get a last point without a value, so that whoever stores them
// knows; where figures count from one collection to the next, they are just absent.
func (r *Recorder) Collect(dst pmetric.MetricSlice) {
	r.collecting.Lock()
	defer r.collecting.Unlock()
	now := r.clock()
	r.paths.collect(dst, now)
	if r.operations != nil {
		r.operations.collect(dst, now)
	}
}

func (f *family) collect(dst pmetric.MetricSlice, now time.Time) {
	ended := f.expire(now)
	w := newWriter(f.names, f.cfg.Delta, now)
	for _, st := range f.all() {
		st.collect(w, f.cfg.Delta, now)
	}
	for _, s := range ended {
		w.end(s)
	}
	w.metrics.MoveAndAppendTo(dst)
}

// collect writes the series of a stripe. Those that are counted only after now are there the next time.
func (st *stripe) collect(w *writer, delta bool, now time.Time) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for i, s := range st.order {
		if i%batch == batch-1 {
			st.mu.Unlock()
			st.mu.Lock()
		}
		if delta && s.requests == 0 {
			continue
		}
		w.write(s)
		s.exemplars, s.fresh = s.exemplars[:0], false
		if delta {
			s.reset(now)
		}
	}
	st.collected = now
}

// writer writes series as points of three metrics, which are made for the first of them.
type writer struct {
	metrics          pmetric.MetricSlice
	names            metricNames
	temporality      pmetric.AggregationTemporality
	duration         pmetric.ExponentialHistogramDataPointSlice
	requests, errors pmetric.NumberDataPointSlice
	now              pcommon.Timestamp
}

func newWriter(names metricNames, delta bool, now time.Time) *writer {
	w := &writer{
		metrics: pmetric.NewMetricSlice(), names: names, temporality: pmetric.AggregationTemporalityCumulative, now: pcommon.NewTimestampFromTime(now),
	}
	if delta {
		w.temporality = pmetric.AggregationTemporalityDelta
	}
	return w
}

func (w *writer) begin() {
	h := w.metric(w.names.duration, "s").SetEmptyExponentialHistogram()
	h.SetAggregationTemporality(w.temporality)
	w.duration = h.DataPoints()
	w.requests = w.sum(w.names.requests)
	w.errors = w.sum(w.names.errors)
}

func (w *writer) metric(name [2]string, unit string) pmetric.Metric {
	m := w.metrics.AppendEmpty()
	m.SetName(name[0])
	m.SetDescription(name[1])
	m.SetUnit(unit)
	return m
}

func (w *writer) sum(name [2]string) pmetric.NumberDataPointSlice {
	s := w.metric(name, "{request}").SetEmptySum()
	s.SetIsMonotonic(true)
	s.SetAggregationTemporality(w.temporality)
	return s.DataPoints()
}

// point is what points of all kinds have in common.
type point interface {
	Attributes() pcommon.Map
	SetStartTimestamp(pcommon.Timestamp)
	SetTimestamp(pcommon.Timestamp)
	SetFlags(pmetric.DataPointFlags)
}

func (w *writer) points(s *series) (h pmetric.ExponentialHistogramDataPoint, requests, errors pmetric.NumberDataPoint) {
	if w.metrics.Len() == 0 {
		w.begin()
	}
	h, requests, errors = w.duration.AppendEmpty(), w.requests.AppendEmpty(), w.errors.AppendEmpty()
	for _, p := range []point{h, requests, errors} {
		s.put(p.Attributes())
		p.SetStartTimestamp(pcommon.NewTimestampFromTime(s.start))
		p.SetTimestamp(w.now)
	}
	return h, requests, errors
}

func (w *writer) write(s *series) {
	h, requests, errors := w.points(s)
	requests.SetIntValue(int64(s.requests))
	errors.SetIntValue(int64(s.errors))
	d := &s.durations
	h.SetCount(d.Count())
	h.SetZeroCount(d.ZeroCount())
	if d.Count() > 0 {
		h.SetSum(d.Sum())
		h.SetMin(d.Min())
		h.SetMax(d.Max())
	}
	h.SetScale(d.Scale())
	copyBuckets(h.Positive(), d.Positive())
	for i := range s.exemplars {
		e := &s.exemplars[i]
		to := h.Exemplars().AppendEmpty()
		to.SetTraceID(e.trace)
		to.SetDoubleValue(e.duration)
		to.SetTimestamp(pcommon.NewTimestampFromTime(e.at))
	}
}

// end says that a series has no value any more.
func (w *writer) end(s *series) {
	h, requests, errors := w.points(s)
	for _, p := range []point{h, requests, errors} {
		p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}
}

func copyBuckets(to pmetric.ExponentialHistogramDataPointBuckets, from *structure.Buckets) {
	to.SetOffset(from.Offset())
	counts := to.BucketCounts()
	counts.EnsureCapacity(int(from.Len()))
	for i := range from.Len() {
		counts.Append(from.At(i))
	}
}

func (l *labels) put(to pcommon.Map) {
	to.EnsureCapacity(4)
	if l.overflow {
		to.PutBool(attributeOverflow, true)
		return
	}
	to.PutStr(attributeService, l.service)
	to.PutStr(attributeSpan, l.span)
	if l.operation != "" {
		to.PutStr(attributeKind, l.kind)
		to.PutStr(attributeOperation, l.operation)
		return
	}
	to.PutStr(attributePath, l.path)
	if l.rule != "" {
		to.PutStr(samplermarks.Rule, l.rule)
	}
}
