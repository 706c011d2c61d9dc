package simulate

import (
	"cmp"
	"slices"
	"strings"
)

// PathReport is one execution path, as the sampler told paths apart.
type PathReport struct {
	Endpoint  string   `json:"endpoint"`
	Path      string   `json:"path"` // as in assay.sampling.path
	Traces    int      `json:"traces"`
	Spans     int      `json:"spans"`
	Kept      int      `json:"kept_traces"`
	KeptSpans int      `json:"kept_spans"`
	Share     float64  `json:"share"` // of the traces
	Recovered Estimate `json:"recovered"`
	Errors    Estimate `json:"error_traces"`
	P50       Estimate `json:"p50"`
	P99       Estimate `json:"p99"`
}

// pathStats gathers a path.
type pathStats struct {
	report         PathReport
	traces, errors total
	kept, truth    distribution
}

// pathReports tells about every path, the most walked first.
func pathReports(outs []Outcome) []PathReport {
	by := map[string]*pathStats{}
	var all total
	for i := range outs {
		o := &outs[i]
		key := PathID(o) + o.Trace.Endpoint // paths of two endpoints may have been folded into one
		p := by[key]
		if p == nil {
			p = &pathStats{report: PathReport{Endpoint: o.Trace.Endpoint, Path: PathID(o)}}
			by[key] = p
		}
		p.add(o)
		if o.Kept {
			all.add(o.drawn(), 1)
		}
	}
	out := make([]PathReport, 0, len(by))
	for _, p := range by {
		out = append(out, p.finish(&all))
	}
	slices.SortFunc(out, func(a, b PathReport) int {
		return cmp.Or(cmp.Compare(b.Traces, a.Traces), strings.Compare(a.Endpoint, b.Endpoint), strings.Compare(a.Path, b.Path))
	})
	return out
}

func (p *pathStats) add(o *Outcome) {
	t := o.Trace
	d, failed := o.drawn(), float64(one(t.Errors > 0))
	p.report.Traces++
	p.report.Spans += t.Spans
	if o.ruledOut() {
		return
	}
	p.traces.expect(d, 1)
	p.errors.expect(d, failed)
	p.truth.add(t.Duration.Seconds(), t.certain())
	if !o.Kept {
		return
	}
	p.report.Kept++
	p.report.KeptSpans += o.SpansSent
	p.traces.add(d, 1)
	p.errors.add(d, failed)
	p.kept.add(t.Duration.Seconds(), d)
}

func (p *pathStats) finish(all *total) PathReport {
	p.kept.seal()
	p.truth.seal()
	r := p.report
	r.Share = share(r.Kept, r.Traces)
	r.Recovered, r.Errors = p.traces.estimate(all), p.errors.estimate(all)
	r.P50, r.P99 = quantileEstimate(&p.kept, &p.truth, 0.5), quantileEstimate(&p.kept, &p.truth, 0.99)
	return r
}
