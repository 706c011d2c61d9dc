package microservices

import (
	"cmp"
	"slices"
)

// Calling tells whether an operation calls another.
func (o *Operation) Calling(to int) bool {
	return slices.ContainsFunc(o.Calls, func(c Call) bool { return c.To == to })
}

// Callees are the operations that an operation calls.
func (s *System) Callees(op int) []int {
	var to []int
	for _, c := range s.Operations[op].Calls {
		to = append(to, c.To)
	}
	return to
}

// Callers are the operations that may come to call op: those of earlier layers that do not call it yet, most called first.
func (s *System) Callers(op int) []int {
	calls := s.Calls()
	var callers []int
	for i := range s.Operations {
		if o := &s.Operations[i]; i != s.Gateway && o.Layer < s.Operations[op].Layer && !o.Calling(op) {
			callers = append(callers, i)
		}
	}
	slices.SortFunc(callers, func(i, j int) int { return cmp.Compare(calls[j], calls[i]) })
	return callers
}

// Calls is the mean number of calls to each operation in a request, where all calls that are made are made Call.Times in a row.
func (s *System) Calls() []float64 {
	mean := make([]float64, len(s.Operations))
	var visit func(op int, share float64)
	visit = func(op int, share float64) {
		mean[op] += share
		for _, c := range s.Operations[op].Calls {
			visit(c.To, share*c.Chance*float64(c.Times))
		}
	}
	for i, e := range s.Endpoints {
		visit(e, s.Popular[i])
	}
	if s.Gateway >= 0 {
		mean[s.Gateway] = 1
	}
	return mean
}
