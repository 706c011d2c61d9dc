package tailsampling

import (
	"context"
	"time"

	"github.com/assayhq/assay/internal/tracesketch"
)

// PathReport is what is usual for an execution path. Figures are decayed: a trace of one half-life ago counts half.
type PathReport struct {
	Path     tracesketch.Path
	Endpoint OperationName
	Shared   bool    // by all paths that have no place of their own, of the endpoint or, where it has no name, of all
	Traces   float64 // that the figures rest on
	Rate     float64 // traces a second
	Errors   float64 // share of the traces with an error
	Kept     float64 // share of the traces that are kept
	// Durations of all traces, kept or not: median, 90th and 99th percentile.
	P50, P90, P99 time.Duration
	// Wait is how long a complete trace must have been quiet before it is decided; 0 where that is not known.
	Wait time.Duration
}

// PathDetail is all that is known of a path.
type PathDetail struct {
	PathReport
	Edges              []Edge // none where the path is Shared, or not seen since a restart
	Observed, Retained []Bucket
	// Decisions and Exemplars are of traces since Since.
	Decisions []ReasonCount
	Exemplars []Exemplar
	Since     time.Time
}

// Edge is a call on a path: of one operation by another. Of a root, the caller has no name.
type Edge struct{ Caller, Callee OperationName }

// Bucket counts traces with a duration from From to less than To. Counts are decayed.
type Bucket struct {
	From, To time.Duration
	Count    float64
}

// Exemplar is a kept trace.
type Exemplar struct {
	Decision
	At time.Time
}

// Paths reports on all execution paths, in no order.
func (e *Engine) Paths(ctx context.Context) ([]PathReport, error) {
	var reports []PathReport
	err := e.ask(ctx, func(d *decider) {
		reports = make([]PathReport, 0, len(d.learned.paths))
		for id, p := range d.learned.paths {
			reports = append(reports, d.pathReport(id, p, &e.intake.operations))
		}
	})
	return reports, err
}

// Path reports on one, with at most so many exemplars, the latest first; ok is false where it is not known.
func (e *Engine) Path(ctx context.Context, id tracesketch.Path, exemplars int) (detail PathDetail, ok bool, err error) {
	err = e.ask(ctx, func(d *decider) {
		p := d.learned.paths[id]
		if ok = p != nil; ok {
			detail = d.pathDetail(id, p, exemplars, &e.intake.operations)
		}
	})
	return detail, ok, err
}

func (d *decider) pathReport(id tracesketch.Path, p *pathStats, names *operations) PathReport {
	l := d.learned
	r := PathReport{Path: id, Shared: id == restOf(p.endpoint), Traces: p.traces.Count(l.decay)}
	r.Endpoint, _ = names.name(p.endpoint)
	if r.Traces > 0 {
		r.Errors, r.Kept = min(1, p.failed.Count(l.decay)/r.Traces), min(1, p.kept.Count(l.decay)/r.Traces)
	}
	if s := l.exposure.Count(l.decay); s > 0 {
		r.Rate = r.Traces / s
	}
	r.P50, r.P90, r.P99 = p.quantile(0.5), p.quantile(0.9), p.quantile(0.99)
	if class, ok := d.gaps.index[p.class]; ok && p.class != 0 {
		r.Wait = d.gaps.wait(class, true)
	}
	return r
}

func (p *pathStats) quantile(q float64) time.Duration {
	return time.Duration(p.level.duration.Quantile(q))
}

func (d *decider) pathDetail(id tracesketch.Path, p *pathStats, exemplars int, names *operations) PathDetail {
	r := PathDetail{
		PathReport: d.pathReport(id, p, names), Observed: buckets(&p.level.duration, d.learned.decay), Retained: buckets(&p.retained, d.learned.decay), Since: d.at(d.log.since()),
	}
	for _, e := range p.edges {
		var named Edge
		named.Caller, _ = names.name(e.caller)
		named.Callee, _ = names.name(e.callee)
		r.Edges = append(r.Edges, named)
	}
	r.Decisions = d.reasonCounts(func(e *logged) bool { return e.path == id })
	for e := range d.log.all() {
		if len(r.Exemplars) == exemplars {
			break
		}
		if e.path == id && e.kept {
			r.Exemplars = append(r.Exemplars, Exemplar{Decision: d.decision(e), At: d.at(e.decided)})
		}
	}
	return r
}

// buckets are those of a sketch, four to an octave.
func buckets(s *tracesketch.Sketch, d *tracesketch.Decay) []Bucket {
	var out []Bucket
	for b := range s.Quarters(d) {
		out = append(out, Bucket{time.Duration(b.Low), time.Duration(b.High), b.Count})
	}
	return out
}
