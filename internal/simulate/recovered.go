package simulate

// recover95 estimates what is true of all traces, but those that a rule drops, from those kept, with 95 % intervals.
func recover95(outs []Outcome) RecoveredReport {
	var traces, spans, errors, roots total
	var kept, truth distribution
	for i := range outs {
		o := &outs[i]
		if o.ruledOut() {
			continue
		}
		t, d := o.Trace, o.drawn()
		failed, rootFailed := float64(one(t.Errors > 0)), float64(one(t.RootError))
		for _, c := range [...]struct {
			total *total
			n     float64
		}{{&traces, 1}, {&spans, float64(t.Spans)}, {&errors, failed}, {&roots, rootFailed}} {
			c.total.expect(d, c.n)
			if o.Kept {
				c.total.add(d, c.n)
			}
		}
		truth.add(t.Duration.Seconds(), t.certain())
		if o.Kept {
			kept.add(t.Duration.Seconds(), d)
		}
	}
	kept.seal()
	truth.seal()
	return RecoveredReport{
		Traces:     traces.estimate(&traces),
		Spans:      spans.estimate(&spans),
		Errors:     errors.estimate(&traces),
		RootErrors: roots.estimate(&traces),
		ErrorRate:  errors.shareOf(&traces),
		P50:        quantileEstimate(&kept, &truth, 0.5),
		P90:        quantileEstimate(&kept, &truth, 0.9),
		P99:        quantileEstimate(&kept, &truth, 0.99),
	}
}

// recoverEndpoints estimates how many traces each endpoint had.
func recoverEndpoints(outs []Outcome) map[string]Estimate {
	var all total
	by := map[string]*total{}
	for i := range outs {
		o := &outs[i]
		if o.ruledOut() {
			continue
		}
		e := by[o.Trace.Endpoint]
		if e == nil {
			e = &total{}
			by[o.Trace.Endpoint] = e
		}
		e.expect(o.drawn(), 1)
		if o.Kept {
			e.add(o.drawn(), 1)
			all.add(o.drawn(), 1)
		}
	}
	out := make(map[string]Estimate, len(by))
	for name, e := range by {
		out[name] = e.estimate(&all)
	}
	return out
}
