package watch

import (
	"cmp"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// maxFailing bounds how many different failures a vantage lists.
const maxFailing = 64

// failures lists what fails. Entries leave when nothing has failed so for a while.
type failures map[failure]*Failing

type failure struct{ verdict, operation string }

// note enters a verdict. plan may be nil, where none can be made.
func (f failures) note(now time.Time, vantage string, j *verify.Judgement, plan *traffic.Trace) {
	key := failureOf(j.Verdict, plan)
	one := f[key]
	if one == nil {
		if len(f) == maxFailing {
			return
		}
		one = &Failing{Verdict: key.verdict, Vantage: vantage, Operation: key.operation, Since: now}
		f[key] = one
	}
	one.Last, one.Count, one.Detail = now, one.Count+uint64(max(1, j.Traces)), j.Detail
	if !j.Sealed.IsEmpty() {
		one.Trace = j.Sealed.String()
	}
}

// revise takes out the verdict that another has replaced.
func (f failures) revise(j *verify.Judgement, plan *traffic.Trace) {
	key := failureOf(j.Was, plan)
	one := f[key]
	if one == nil {
		return
	}
	if one.Count -= min(one.Count, uint64(max(1, j.Traces))); one.Count == 0 {
		delete(f, key)
	}
}

func failureOf(v verify.Verdict, plan *traffic.Trace) failure {
	key := failure{verdict: v.String()}
	if plan != nil && len(plan.Spans) > 0 {
		key.operation = plan.Spans[0].Operation.Reference()
	}
	return key
}

// list returns the entries that have failed within a time, and forgets the others.
func (f failures) list(now time.Time, within time.Duration) []Failing {
	var out []Failing
	for key, one := range f {
		if now.Sub(one.Last) > within {
			delete(f, key)
			continue
		}
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Failing) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}
