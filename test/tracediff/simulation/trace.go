package simulation

// span is one call.
type span struct {
	op     int32
	parent int32 // in the trace; -1 for the first
	failed bool
	client bool
	status uint8 // index into statuses, of the first span
	total  float64
	self   float64

	log, logSelf       float64 // ln of total and self
	bucket, bucketSelf int16   // of a histogram, from 0
}

// Trace is one request.
type Trace struct {
	slice    uint32
	at       float64 // when it begins, as a fraction of the window
	endpoint int32
	tenant   uint8
	versions *versions
	spans    []span
}

// Spans is the number of its spans.
func (t *Trace) Spans() int { return len(t.spans) }

// Durations are those of the calls to each operation, ns, in the order of the traces.
func (s *System) Durations(traces []Trace) [][]float64 {
	d := make([][]float64, len(s.parties))
	for i := range traces {
		for j := range traces[i].spans {
			sp := &traces[i].spans[j]
			d[sp.op] = append(d[sp.op], sp.total)
		}
	}
	return d
}
