package simulate

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracestate"
)

// Schedule says when which traces are sent.
type Schedule struct {
	Rate   float64 // traces a second; 0: as far apart as they were recorded
	Labels *Labels // nil: no trace counts as anomalous
	Thin   float64 // anomalous traces are this share of normal and anomalous ones, others are left out; 0: all are sent
	Warm   bool    // send the traces that are not anomalous once before, uncounted
	Seed   uint64
}

// Plan is the arrivals of a run, in order of time. The first Warmup of them do not count.
type Plan struct {
	Arrivals  []Arrival
	Warmup    int
	Anomalous map[*Trace]bool
}

// Arrival is a trace that is to be sent at a time since the start of the run.
type Arrival struct {
	At    time.Duration
	Trace *Trace
	ID    pcommon.TraceID // under which it is sent
}

// Validate reports what makes no sense, by the names of the command line.
func (s Schedule) Validate() error {
	var errs []error
	if !(s.Rate >= 0) || math.IsInf(s.Rate, 0) {
		errs = append(errs, fmt.Errorf("--rate: must be traces per second, 0 for as recorded, got %v", s.Rate))
	}
	if !(s.Thin >= 0 && s.Thin < 1) {
		errs = append(errs, fmt.Errorf("--thin: must be at least 0 and less than 1, got %v; 0.02 makes 2 %% of the traces anomalous", s.Thin))
	}
	if s.Thin > 0 && s.Labels == nil {
		errs = append(errs, errors.New("--thin: needs --labels, which tell the anomalous traces"))
	}
	return errors.Join(errs...)
}

// Plan lays out traces, which are in order of their beginning, under fresh ids. Where anomalous ones are thinned, every
// seed chooses others and, at a fixed rate, puts each at a random place among the normal ones.
func (s Schedule) Plan(traces []*Trace) Plan {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], s.Seed)
	r := rand.New(rand.NewChaCha8(seed)) // not PCG: its streams from neighbouring seeds are too alike to average over
	counted, anomalous := s.choose(traces, r)
	p := Plan{Anomalous: anomalous}
	var start time.Duration
	if s.Warm {
		warm := slices.DeleteFunc(slices.Clone(counted), func(t *Trace) bool { return anomalous[t] })
		start = s.lay(&p, warm, 0)
		p.Warmup = len(p.Arrivals)
	}
	s.lay(&p, counted, start)
	for i := range p.Arrivals {
		p.Arrivals[i].ID = randomID(r, p.Arrivals[i].Trace.Threshold)
	}
	return p
}

// Lasts is the time from the beginning of the first trace to that of the last.
func (p *Plan) Lasts() time.Duration {
	if len(p.Arrivals) == 0 {
		return 0
	}
	return p.Arrivals[len(p.Arrivals)-1].At - p.Arrivals[0].At
}

// lay appends one pass and returns where the next may start.
func (s Schedule) lay(p *Plan, traces []*Trace, start time.Duration) time.Duration {
	end := start
	for i, t := range traces {
		at := start + t.Begin
		if s.Rate > 0 {
			at = start + time.Duration(float64(i)/s.Rate*float64(time.Second))
		}
		p.Arrivals = append(p.Arrivals, Arrival{At: at, Trace: t})
		end = at
	}
	if s.Rate > 0 {
		return start + time.Duration(float64(len(traces))/s.Rate*float64(time.Second))
	}
	return end
}

// choose returns the traces that are sent and which of them are anomalous.
func (s Schedule) choose(traces []*Trace, r *rand.Rand) ([]*Trace, map[*Trace]bool) {
	anomalous := map[*Trace]bool{}
	var normal, candidates []*Trace
	for _, t := range traces {
		switch s.Labels.class(t) {
		case ClassNormal:
			normal = append(normal, t)
		case ClassAnomalous:
			candidates = append(candidates, t)
		}
	}
	if s.Thin <= 0 {
		for _, t := range candidates {
			anomalous[t] = true
		}
		return traces, anomalous
	}
	n := min(len(candidates), max(1, int(float64(len(normal))*s.Thin/(1-s.Thin)+0.5)))
	r.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	out := slices.Clone(normal)
	for _, t := range candidates[:n] {
		anomalous[t] = true
		if s.Rate > 0 {
			out = slices.Insert(out, r.IntN(len(out)+1), t)
		}
	}
	if s.Rate <= 0 {
		out = append(out, candidates[:n]...)
		slices.SortStableFunc(out, func(x, y *Trace) int { return cmp.Compare(x.Begin, y.Begin) })
	}
	return out, anomalous
}

// randomID draws a trace id whose low 56 bits, the randomness of the trace, are uniform above the threshold under which
// it came in.
func randomID(r *rand.Rand, threshold uint64) pcommon.TraceID {
	var id pcommon.TraceID
	randomness := threshold + r.Uint64N(tracestate.RandomnessEnd-threshold)
	binary.BigEndian.PutUint64(id[:8], r.Uint64())
	binary.BigEndian.PutUint64(id[8:], r.Uint64()&^(tracestate.RandomnessEnd-1)|randomness)
	return id
}
