package tailsampling

import (
	"math"
	"time"
)

// offeredMemory is the time constant of the rates.
const offeredMemory = 5 * time.Second

// remember updates the decayed rates of what comes up for decision. The first collections weigh as much as they cover.
func (s *selector) remember(since time.Duration, n int, offered, sure float64) {
	s.cutoff.forget(since, n)
	for k := range s.bySign {
		s.bySign[k].forget(since, n)
	}
	sec := max(since.Seconds(), 1e-3)
	s.seen = min(s.seen+since, offeredMemory)
	f := min(1, sec/max(s.seen.Seconds(), sec))
	s.offered += f * (offered/sec - s.offered)
	s.sure += f * (sure/sec - s.sure)
	s.recent.add(sec, n, offered+sure)
	s.fall()
}

// fall takes the rates down at once where a burst has ended. Remembered for seconds more, it would have little of the usual
// traffic kept, and the budget would go unused. Both go down alike: what a percentage keeps stays the same.
func (s *selector) fall() {
	const clearly = 2 // less than that is chance: traces differ in size
	most, ok := s.recent.rate()
	if all := s.offered + s.sure; ok && all > clearly*most {
		f := clearly * most / all
		s.offered *= f
		s.sure *= f
	}
}

// recentRate is what came up for decision over the last second, or over the last recentTraces where those took longer.
type recentRate struct{ cost, seconds, traces float64 }

const recentTraces = 50

func (r *recentRate) add(seconds float64, n int, cost float64) {
	f := math.Exp(-min(seconds, float64(n)/recentTraces))
	r.cost = r.cost*f + cost
	r.seconds = r.seconds*f + seconds
	r.traces = r.traces*f + float64(n)
}

// rate is a cost a second. It is not known from few traces.
func (r *recentRate) rate() (float64, bool) {
	return r.cost / r.seconds, r.traces >= recentTraces/2
}
