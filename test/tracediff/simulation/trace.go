package simulation

// Durations are those of the calls to each operation, ns, in the order of the traces.
func (s *System) Durations(traces []Trace) [][]float64 {
	d := make([][]float64, len(s.Operations))
	for i := range traces {
		for j := range traces[i].spans {
			sp := &traces[i].spans[j]
			d[sp.op] = append(d[sp.op], sp.total)
		}
	}
	return d
}
