package tracemetrics

import (
	"time"

	"github.com/assayhq/assay/internal/samplermarks"

	"github.com/lightstep/go-expohisto/structure"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Names of the metrics of paths, and of their attributes.
const (
	PathDuration = "traces.path.duration"
	PathRequests = "traces.path.requests"
	PathErrors   = "traces.path.errors"

	attributeService  = "service.name"
	attributeSpan     = "span.name"
	attributePath     = "assay.path"
	attributeOverflow = "otel.metric.overflow"
)

// batch is how many series are written while decisions wait.
const batch = 256

// Collect writes what was counted to dst. Series that have ended get a last point without a value, so that whoever stores them
// knows; where figures count from one collection to the next, they are just absent.
func (r *Recorder) Collect(dst pmetric.MetricSlice) {
	r.collecting.Lock()
	defer r.collecting.Unlock()
	now := r.clock()
	r.mu.Lock()
	ended, n := r.paths.expire(now), len(r.paths.order)
	r.mu.Unlock()
	if n+len(ended) == 0 {
		return
	}
	w := newWriter(dst, r.cfg.Delta, n+len(ended), now)
	for from := 0; from < n; from += batch {
		r.collect(w, from, min(from+batch, n), now)
	}
	for _, s := range ended {
		w.end(s)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths.collected = now
}

// collect writes some series. Those that are counted only after now are there the next time.
func (r *Recorder) collect(w *writer, from, until int, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.paths.order[from:until] {
		if r.cfg.Delta && s.requests == 0 {
			continue
		}
		w.write(s)
		s.exemplars, s.fresh = s.exemplars[:0], false
		if r.cfg.Delta {
			s.reset(now)
		}
	}
}

// writer writes series as points of three metrics.
type writer struct {
	duration         pmetric.ExponentialHistogramDataPointSlice
	requests, errors pmetric.NumberDataPointSlice
	now              pcommon.Timestamp
}

func newWriter(dst pmetric.MetricSlice, delta bool, points int, now time.Time) *writer {
	temporality := pmetric.AggregationTemporalityCumulative
	if delta {
		temporality = pmetric.AggregationTemporalityDelta
	}
	h := dst.AppendEmpty()
	h.SetName(PathDuration)
	h.SetUnit("s")
	h.SetDescription("How long traces took, from the start of the earliest span to the end of the latest; all of them, whether kept or not.")
	eh := h.SetEmptyExponentialHistogram()
	eh.SetAggregationTemporality(temporality)
	w := &writer{
		duration: eh.DataPoints(), now: pcommon.NewTimestampFromTime(now),
		requests: sum(dst, PathRequests, "{request}", "Traces, whether kept or not.", temporality),
		errors:   sum(dst, PathErrors, "{request}", "Traces whose root span failed, whether kept or not.", temporality),
	}
	w.duration.EnsureCapacity(points)
	w.requests.EnsureCapacity(points)
	w.errors.EnsureCapacity(points)
	return w
}

func sum(dst pmetric.MetricSlice, name, unit, description string, temporality pmetric.AggregationTemporality) pmetric.NumberDataPointSlice {
	m := dst.AppendEmpty()
	m.SetName(name)
	m.SetUnit(unit)
	m.SetDescription(description)
	s := m.SetEmptySum()
	s.SetIsMonotonic(true)
	s.SetAggregationTemporality(temporality)
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
	to.PutStr(attributePath, l.path)
	if l.rule != "" {
		to.PutStr(samplermarks.Rule, l.rule)
	}
}
