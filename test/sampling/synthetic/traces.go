package synthetic

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/simulate"
)

// epoch is when the first request begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Traces executes requests: Options.Traces of them, Poisson in time, and those under a fault at random times among them.
// The labels say which are which.
func (w *Workload) Traces() ([]*simulate.Trace, *simulate.Labels) {
	r := newRand(w.options.Seed, 2)
	labels := &simulate.Labels{Dataset: "synthetic", Traces: map[string][]string{}}
	var out []*simulate.Trace
	var at time.Duration
	for range w.options.Traces {
		at += time.Duration(r.ExpFloat64() / w.options.rate(at) * float64(time.Second))
		e := execution{system: w.system, rand: r}
		e.enter(w.system.Endpoint(r))
		out = append(out, w.trace(r, at, e.spans))
		labels.Traces[out[len(out)-1].ID.String()] = []string{simulate.ClassNormal}
	}
	for _, f := range w.options.Faults {
		for n := range w.options.Faulty {
			window := n % max(1, w.options.Windows)
			i := w.incident(newRand(w.options.Seed, byte(64+window)), f, fmt.Sprintf("w%d", window))
			tr := w.trace(r, time.Duration(r.Float64()*float64(at)), w.underFault(r, i))
			labels.Traces[tr.ID.String()] = []string{simulate.ClassAnomalous, string(f), i.window}
			out = append(out, tr)
		}
	}
	slices.SortStableFunc(out, func(a, b *simulate.Trace) int { return cmp.Compare(a.Begin, b.Begin) })
	return out, labels
}

// lateKey is no service: the piece of a span that arrives late.
const lateKey = -1

// rate is how many traces a second begin at a time.
func (o *Options) rate(at time.Duration) float64 {
	if o.Burst > 0 && at >= o.BurstFrom && at < o.BurstFrom+o.BurstFor {
		return o.Rate * o.Burst
	}
	return o.Rate
}

// underFault executes requests until one comes by the place of the incident.
func (w *Workload) underFault(r *rand.Rand, i incident) []span {
	for {
		e := execution{system: w.system, rand: r, incident: i}
		e.enter(w.system.Endpoint(r))
		if e.hit {
			return e.spans
		}
	}
}

// trace turns spans into what the services export: each its own, some time after the last has ended.
func (w *Workload) trace(r *rand.Rand, begin time.Duration, spans []span) *simulate.Trace {
	var id pcommon.TraceID
	binary.BigEndian.PutUint64(id[:8], r.Uint64())
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	state := ""
	if r.Float64() < w.options.Presampled {
		state = "ot=th:" + thresholdDigits(w.options.Probability)
	}
	late := -1
	if r.Float64() < w.options.Late {
		late = r.IntN(len(spans))
	}
	byService := map[int]*simulate.Piece{}
	var order []int
	start := epoch.Add(begin)
	for n, s := range spans {
		key := s.service
		if n == late {
			key = lateKey
		}
		p := byService[key]
		if p == nil {
			p = &simulate.Piece{Spans: w.resource(s.service)}
			byService[key] = p
			order = append(order, key)
		}
		p.After = max(p.After, s.end)
		s.write(p.Spans.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty(), start, state)
	}
	pieces := make([]simulate.Piece, 0, len(order))
	for _, key := range order {
		p := byService[key]
		p.After += time.Duration(r.Float64() * float64(50*time.Millisecond)) // until the exporter's next batch
		if key == lateKey {
			p.After += time.Duration(r.ExpFloat64() * float64(w.options.LateBy))
		}
		pieces = append(pieces, *p)
	}
	slices.SortStableFunc(pieces, func(a, b simulate.Piece) int { return cmp.Compare(a.After, b.After) })
	for i := len(pieces) - 1; i >= 0; i-- {
		pieces[i].After -= pieces[0].After
	}
	return simulate.NewTrace(id, begin, pieces)
}

// thresholdDigits writes the threshold that keeps with a probability, in as many digits as it needs.
func thresholdDigits(probability float64) string {
	th := uint64((1 - probability) * (1 << 56))
	s := fmt.Sprintf("%014x", th)
	for len(s) > 1 && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	return s
}

func (w *Workload) resource(service int) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", w.system.Services[service])
	rs.ScopeSpans().AppendEmpty().Scope().SetName("synthetic")
	return td
}

func (s *span) write(to ptrace.Span, start time.Time, state string) {
	var id, parent pcommon.SpanID
	binary.BigEndian.PutUint64(id[:], s.id)
	to.SetSpanID(id)
	if s.parent != 0 {
		binary.BigEndian.PutUint64(parent[:], s.parent)
		to.SetParentSpanID(parent)
	}
	to.SetName(s.name)
	to.SetKind(s.kind)
	to.SetStartTimestamp(pcommon.NewTimestampFromTime(start.Add(s.start)))
	to.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(s.end)))
	if s.failed {
		to.Status().SetCode(ptrace.StatusCodeError)
	}
	if state != "" {
		to.TraceState().FromRaw(state)
	}
}
