package tracemetrics

import (
	"sync/atomic"
	"time"

	"github.com/lightstep/go-expohisto/structure"
)

// family is the series of three metrics: requests, errors and durations of the same things. Many goroutines may add to it.
type family struct {
	cfg       Config
	names     metricNames
	histogram structure.Config
	stripes   []stripe     // a series is in the one that the low bits of its id say
	room      atomic.Int64 // for so many more series
	rest      stripe       // the overflow series
}

// newFamily makes a family of 2^bits stripes.
func newFamily(cfg Config, names metricNames, bits int, now time.Time) *family {
	f := &family{cfg: cfg, names: names, histogram: structure.NewConfig(structure.WithMaxSize(int32(cfg.MaxBuckets))), stripes: make([]stripe, 1<<bits)}
	f.room.Store(int64(cfg.MaxSeries))
	for _, st := range f.all() {
		st.byID, st.collected = map[identity]*series{}, now
	}
	return f
}

// all are the stripes, and the one of the overflow.
func (f *family) all() []*stripe {
	out := make([]*stripe, 0, len(f.stripes)+1)
	for i := range f.stripes {
		out = append(out, &f.stripes[i])
	}
	return append(out, &f.rest)
}

// series returns the series of an identity with its stripe locked; the caller unlocks it. named gives the labels of a new one; where it
// does not know them, or there is no room, it is the overflow series.
func (f *family) series(id identity, named func() (l labels, ok bool)) (*stripe, *series) {
	st := &f.stripes[id.id&uint64(len(f.stripes)-1)]
	st.mu.Lock()
	if s := st.byID[id]; s != nil {
		return st, s
	}
	if f.room.Add(-1) >= 0 {
		if l, ok := named(); ok {
			s := st.begin(id, l, f)
			return st, s
		}
	}
	f.room.Add(1)
	st.mu.Unlock()
	f.rest.mu.Lock()
	if s := f.rest.byID[identity{}]; s != nil {
		return &f.rest, s
	}
	s := f.rest.begin(identity{}, labels{overflow: true}, f)
	return &f.rest, s
}

// expire ends the series that nothing was added to for long. Where figures count from one collection to the next, a series without
// traces has nothing to say: it goes at once, and none is returned. The overflow series stays, for what it counts is never over.
func (f *family) expire(now time.Time) (ended []*series) {
	after := f.cfg.Expiration
	if f.cfg.Delta {
		after = 0
	}
	for i := range f.stripes {
		st := &f.stripes[i]
		st.mu.Lock()
		ended = append(ended, st.expire(now, after)...)
		st.mu.Unlock()
	}
	f.room.Add(int64(len(ended)))
	if f.cfg.Delta {
		return nil
	}
	return ended
}
