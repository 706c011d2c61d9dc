package tracemetrics

import (
	"math"
	"time"

	"github.com/lightstep/go-expohisto/structure"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// identity is what tells a series from others.
type identity struct {
	id   uint64 // of a path, or of an operation
	rule string // that dropped its traces; "" for all others
}

// labels are the attributes of a series.
type labels struct {
	service, span   string
	path, operation string // hexadecimal; one of them
	kind            string // of an operation's spans
	rule            string
	overflow        bool
}

// series is what one series has counted since start.
type series struct {
	labels
	requests  uint64
	errors    uint64
	durations structure.Float64 // seconds
	exemplars []exemplar
	start     time.Time
	last      time.Time // when something was added
	fresh     bool      // something was added since the last collection
}

// exemplar is a kept trace that stands for its kind in a histogram.
type exemplar struct {
	trace    pcommon.TraceID
	duration float64 // seconds
	at       time.Time
}

// add counts a trace.
func (s *series) add(failed bool, seconds float64, now time.Time) {
	s.requests++
	if failed {
		s.errors++
	}
	s.durations.Update(seconds)
	s.last, s.fresh = now, true
}

// show makes a kept trace an exemplar in the place of one about as long, so that those of a collection are of different lengths.
func (s *series) show(e exemplar, most int) {
	if most <= 0 {
		return
	}
	if len(s.exemplars) < most {
		s.exemplars = append(s.exemplars, e)
		return
	}
	_, octave := math.Frexp(e.duration)
	s.exemplars[((octave%most)+most)%most] = e
}

// reset begins another interval.
func (s *series) reset(now time.Time) {
	s.requests, s.errors = 0, 0
	s.durations.Clear()
	s.start = now
}

// over tells whether nothing was added for so long, and nothing waits to be collected.
func (s *series) over(now time.Time, after time.Duration) bool {
	return !s.fresh && now.Sub(s.last) >= after
}
