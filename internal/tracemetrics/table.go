package tracemetrics

import (
	"time"

	"github.com/lightstep/go-expohisto/structure"
)

// table holds the series of one set of metrics in the order in which they came up.
type table struct {
	cfg       Config
	histogram structure.Config
	byID      map[identity]*series
	order     []*series
	overflow  *series
	collected time.Time // the last time; the start of the table before that
}

func newTable(cfg Config, now time.Time) *table {
	return &table{
		cfg: cfg, histogram: structure.NewConfig(structure.WithMaxSize(int32(cfg.MaxBuckets))),
		byID: map[identity]*series{}, collected: now,
	}
}

// of is the series of an identity. A new one begins where the last collection ended, since nothing was added to it before then. named
// gives its labels; ok is false where they are not known.
func (t *table) of(id identity, named func() (l labels, ok bool)) *series {
	if s := t.byID[id]; s != nil {
		return s
	}
	if len(t.byID) < t.cfg.MaxSeries {
		if l, ok := named(); ok {
			s := t.begin(l)
			t.byID[id] = s
			return s
		}
	}
	if t.overflow == nil {
		t.overflow = t.begin(labels{overflow: true})
	}
	return t.overflow
}

func (t *table) begin(l labels) *series {
	s := &series{labels: l, start: t.collected}
	s.durations.Init(t.histogram)
	t.order = append(t.order, s)
	return s
}

// expire takes out the series that nothing was added to for long, and returns them. The overflow series stays: what it counts is never over.
// Where figures count from one collection to the next, a series without traces has nothing to say: it goes at once, and none is returned.
func (t *table) expire(now time.Time) (ended []*series) {
	after := t.cfg.Expiration
	if t.cfg.Delta {
		after = 0
	}
	for id, s := range t.byID {
		if s.over(now, after) {
			delete(t.byID, id)
			ended = append(ended, s)
		}
	}
	if len(ended) == 0 {
		return nil
	}
	stays := t.order[:0]
	for _, s := range t.order {
		if s.overflow || !s.over(now, after) {
			stays = append(stays, s)
		}
	}
	clear(t.order[len(stays):])
	t.order = stays
	if t.cfg.Delta {
		return nil
	}
	return ended
}
