package replay

// maxShifts bounds how many traces are remembered. What comes of a trace after it was forgotten is moved as if it began then.
const maxShifts = 1 << 20

// shifter moves time stamps into the present. At the speed of the recording one shift does for all. At any other each trace gets
// its own, so that it ends about when it is sent, and what it tells within itself stays: one shift would move the
// end of a recording far into the future, where receivers do not expect spans.
type shifter struct {
	perTrace bool
	begun    bool
	shift    int64              // of all, or of spans without a trace id
	traces   map[[16]byte]int64 // recorded trace id -> shift
}

func newShifter(speed float64) *shifter {
	return &shifter{perTrace: speed != 1, traces: map[[16]byte]int64{}}
}

// of sets what a batch that is sent now, in Unix nanoseconds, is to be moved by.
func (s *shifter) of(b *wireBatch, now int64, to *rewrite) {
	to.shift, to.shifts = 0, nil
	if b.arrival == 0 { // nothing in it has a time
		return
	}
	if !s.begun || s.perTrace {
		s.begun, s.shift = true, now-int64(b.arrival) // a signed difference
	}
	to.shift = s.shift
	if !s.perTrace {
		return
	}
	if len(s.traces) > maxShifts {
		clear(s.traces)
	}
	to.shifts = make([]int64, len(b.traceIDs))
	for n := range b.times { // not all trace ids: those of links are of traces that may come later
		trace := b.owners[n]
		if trace < 0 {
			continue
		}
		id := [16]byte(b.body[b.traceIDs[trace]:])
		shift, known := s.traces[id]
		if !known {
			shift = s.shift
			s.traces[id] = shift
		}
		to.shifts[trace] = shift
	}
}
