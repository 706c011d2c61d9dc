package snapshot

// Slice is a group in one time slice: raw counts, for what can be known exactly, and sums weighted by adjusted count.
type Slice struct {
	Index uint32 // of the slice in the window, from 0

	Spans       uint32 // raw counts
	ErrorSpans  uint32
	Traces      uint32 // distinct traces with a span of this group
	ErrorTraces uint32 // distinct traces with an error in this group

	Weight       float64 // of the spans
	ErrorWeight  float64
	TraceWeight  float64 // of the distinct traces
	TraceWeight2 float64 // sum of their squared weights: TraceWeight² / TraceWeight2 is the effective number of traces
	ErrorTrace   float64 // weight of the distinct traces with an error
	ErrorTrace2  float64

	LogDuration  float64 // weighted sum of ln(duration in ns, at least 1)
	LogDuration2 float64 // weighted sum of its square
	Duration     float64 // weighted sum of durations, ns
	LogSelf      float64 // weighted sum of ln(exclusive time in ns, at least 1)

	// Of an edge between services: how much longer the caller waited than the callee's span took, in the network and in queues.
	WaitWeight float64 // of the calls whose both sides are known
	Wait       float64 // weighted sum of waiting times, ns
	LogWait    float64 // weighted sum of ln(waiting time in ns, at least LeastWait)
}

// LeastWait is the shortest waiting time that is told from none, ns: below a tenth of a millisecond, it says more about clocks
// than about the network.
const LeastWait = 100e3

// Add adds what o holds; the index stays.
func (s *Slice) Add(o *Slice) {
	s.Spans += o.Spans
	s.ErrorSpans += o.ErrorSpans
	s.Traces += o.Traces
	s.ErrorTraces += o.ErrorTraces
	s.Weight += o.Weight
	s.ErrorWeight += o.ErrorWeight
	s.TraceWeight += o.TraceWeight
	s.TraceWeight2 += o.TraceWeight2
	s.ErrorTrace += o.ErrorTrace
	s.ErrorTrace2 += o.ErrorTrace2
	s.LogDuration += o.LogDuration
	s.LogDuration2 += o.LogDuration2
	s.Duration += o.Duration
	s.LogSelf += o.LogSelf
	s.WaitWeight += o.WaitWeight
	s.Wait += o.Wait
	s.LogWait += o.LogWait
}
