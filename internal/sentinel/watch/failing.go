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

// note enters a trace that fails in a way.
func (f failures) note(now time.Time, vantage string, key failure, j *verify.Judgement) {
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

// revise takes traces out that do not fail so any more.
func (f failures) revise(key failure, traces uint64) {
	one := f[key]
	if one == nil {
		return
	}
	if one.Count -= min(one.Count, traces); one.Count == 0 {
		delete(f, key)
	}
}

// failureOf is how a verdict is listed. plan may be nil, where none can be made.
func failureOf(verdict string, plan *traffic.Trace) failure {
	return failure{verdict: verdict, operation: entryOf(plan)}
}

// entryOf is where a trace begins.
func entryOf(plan *traffic.Trace) string {
	if plan == nil || len(plan.Spans) == 0 {
		return ""
	}
	return plan.Spans[0].Operation.Reference()
}

// list returns the entries that have failed within a time, and forgets the others.
func (f failures) list(now time.Time, within time.Duration) []Failing {
	var out []Failing
	for key, one := range f {
		if now.Sub(one.Last) > within && key.verdict != overdue { // overdue ones leave by themselves
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
