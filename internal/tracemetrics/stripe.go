package tracemetrics

import (
	"slices"
	"sync"
	"time"
)

// stripe holds some series of a family, in the order in which they came up.
type stripe struct {
	mu        sync.Mutex // guards everything below
	byID      map[identity]*series
	order     []*series
	collected time.Time // the last time; the start of the family before that
}

// begin adds a series. It begins where the last collection ended, since nothing was added to it before then.
func (st *stripe) begin(id identity, l labels, f *family) *series {
	s := &series{labels: l, start: st.collected}
	s.durations.Init(f.histogram)
	st.byID[id] = s
	st.order = append(st.order, s)
	return s
}

// expire takes out the series that nothing was added to for so long, and returns them.
func (st *stripe) expire(now time.Time, after time.Duration) (ended []*series) {
	for id, s := range st.byID {
		if s.over(now, after) {
			delete(st.byID, id)
			ended = append(ended, s)
		}
	}
	if len(ended) > 0 {
		st.order = slices.DeleteFunc(st.order, func(s *series) bool { return s.over(now, after) })
	}
	return ended
}
