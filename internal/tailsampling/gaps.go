package tailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/tracesketch"
)

// gapBounds are the upper ends of the intervals in which gaps are counted. A gap is the quiet time that a further span of
// a trace put an end to.
var gapBounds = [...]time.Duration{
	100 * time.Millisecond, 150 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond, 500 * time.Millisecond,
	700 * time.Millisecond, time.Second, 1500 * time.Millisecond, 2 * time.Second, 3 * time.Second, 4 * time.Second,
	5 * time.Second, 7 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, 30 * time.Second,
	45 * time.Second, 60 * time.Second, 90 * time.Second, 120 * time.Second,
}

const gapIntervals = len(gapBounds)

// gapClass is what is known about the gaps after one shape of one endpoint, or after a pool of shapes. Counts decay.
//
// ended[j] counts gaps that fell into interval j; watched[j] counts quiet spells that have been watched to the end of
// interval j, whether they ended before or not. A spell is watched through its decision and beyond, by the decision cache,
// so what is not known yet is censored by nothing but the present: watched[j] - (gaps that ended before j) is the number
// at risk of the Kaplan-Meier estimate.
type gapClass struct {
	ended, watched [gapIntervals]float32
	pool           uint32 // class that this one is pooled into, none for the pool of all
	key            uint64
}

// gapSpell is a quiet spell under watch.
type gapSpell struct {
	class uint32
	since time.Duration // arrival of the last span before the spell
}

const (
	maxGapClasses = 20_000
	maxSpells     = 1 << 17
	// poolStrength is how many observations of its own a class needs to outweigh its pool.
	poolStrength = 60
	// knownAfter is how many spells a pool must have seen through an interval before its estimate counts as knowledge.
	knownAfter = 50
	// seenAfter is how many spells a shape must have been watched itself, before what is known of its pool is used for it. What others
	// do is no knowledge of a kind of trace that comes up for the first time.
	seenAfter = 5
)

// gapLearner estimates how long a trace must have been quiet before it is complete. One goroutine uses it.
type gapLearner struct {
	cfg     Completion
	epoch   int32 // decay step of the counts
	classes []gapClass
	index   map[uint64]uint32
	free    []uint32   // forgotten classes, to be used again
	spells  []gapSpell // ring, in order of since (nearly)
	head    int        // next to write
	stage   [gapIntervals]int
	room    float64 // spells that may be watched before the next tick, so that max_wait fits into the ring

	maxClasses int
	maxSpells  int
}

const allShapes = 0 // class index of the pool of everything

// newGapLearner makes a learner that takes at most about that many bytes.
func newGapLearner(cfg Completion, bytes int64) *gapLearner {
	l := &gapLearner{
		cfg: cfg, index: map[uint64]uint32{}, spells: make([]gapSpell, 0, 1024),
		maxClasses: int(min(maxGapClasses, bytes/2/classBytes)), maxSpells: int(min(maxSpells, max(1024, bytes/2/spellBytes))),
	}
	l.classes = append(l.classes, gapClass{pool: none})
	return l
}

// class finds the class of a shape: its path as far as it was known when the trace went quiet, under its endpoint.
func (l *gapLearner) class(s *tracesketch.Structure) uint32 {
	state := uint64(1)
	if !s.Complete() {
		state = 2
	}
	pool := l.find(uint64(s.Endpoint)*3+state, allShapes)
	return l.find(uint64(s.Path)*0x9E3779B97F4A7C15^uint64(s.Endpoint), pool)
}

func (l *gapLearner) find(key uint64, pool uint32) uint32 {
	if i, ok := l.index[key]; ok {
		return i
	}
	i := uint32(len(l.classes))
	switch n := len(l.free); {
	case n > 0:
		i, l.free = l.free[n-1], l.free[:n-1]
		l.classes[i] = gapClass{}
	case len(l.classes) >= l.maxClasses:
		return pool
	default:
		l.classes = append(l.classes, gapClass{})
	}
	l.classes[i].pool, l.classes[i].key = pool, key
	l.index[key] = i
	return i
}

// watch begins to watch a quiet spell. It returns none where the ring has no room for it: such spells are left out
// altogether, whatever comes of them, so the estimate stays unbiased.
func (l *gapLearner) watch(class uint32, since time.Duration) uint32 {
	if l.room < 1 {
		return none
	}
	l.room--
	s := gapSpell{class: class, since: since}
	if len(l.spells) < l.maxSpells {
		l.spells = append(l.spells, s)
	} else {
		l.spells[l.head%l.maxSpells] = s
	}
	l.head++
	return class
}

// ended records that a watched spell was ended by a further span.
func (l *gapLearner) ended(class uint32, gap time.Duration) {
	j := 0
	for j < gapIntervals && gap > gapBounds[j] {
		j++
	}
	if j == gapIntervals || gap > l.cfg.MaxWait {
		return
	}
	for c := class; c != none; c = l.classes[c].pool {
		l.classes[c].ended[j]++
	}
}

// tick moves to now: spells that have lasted through a further interval are counted as watched to its end.
func (l *gapLearner) tick(now, since time.Duration) {
	l.room = min(l.room+float64(l.maxSpells)*float64(since)/float64(l.cfg.MaxWait+time.Second), float64(l.maxSpells)/16)
	for j := range l.stage {
		if j > 0 && gapBounds[j-1] > l.cfg.MaxWait {
			break
		}
		l.stage[j] = max(l.stage[j], l.head-len(l.spells))
		for l.stage[j] < l.head {
			s := l.spells[l.stage[j]%l.maxSpells]
			if now-s.since < gapBounds[j] {
				break
			}
			for c := s.class; c != none; c = l.classes[c].pool {
				l.classes[c].watched[j]++
			}
			l.stage[j]++
		}
	}
}

// wait returns how long a trace must be quiet, counted from its last span: until at most 1 - Target of the spells like
// this one were still ended by a further span. Before spells of this shape have been watched that long it is InitialWait. A trace without its root or
// another parent waits for it, unless most traces that looked like it never got it.
func (l *gapLearner) wait(class uint32, complete bool) time.Duration {
	if !l.seen(class) {
		return l.cfg.InitialWait
	}
	var hazard [gapIntervals]float64
	known := l.hazards(class, &hazard)
	var survival [gapIntervals]float64 // share of the spells that last beyond each interval
	s := 1.0
	for j := range known {
		s *= 1 - hazard[j]
		survival[j] = s
	}
	if !complete && s < 0.5 {
		return l.cfg.MaxWait
	}
	if known == 0 || gapBounds[known-1] < l.cfg.InitialWait {
		return l.cfg.InitialWait // what comes after a longer gap has not been seen yet
	}
	allowed := 1 - l.cfg.Target
	for j := range known {
		if survival[j]-s <= allowed {
			return max(l.cfg.MinWait, gapBounds[j])
		}
	}
	return l.cfg.InitialWait
}

// seen tells whether spells of a class have been watched for as long as an unknown one is waited for.
func (l *gapLearner) seen(class uint32) bool {
	j := 0
	for j < gapIntervals-1 && gapBounds[j] < l.cfg.InitialWait {
		j++
	}
	return l.classes[class].watched[j] >= seenAfter
}

// hazards fills the share of spells at risk that end in each interval, shrunk towards the pool's, and returns how many
// intervals are known.
func (l *gapLearner) hazards(class uint32, h *[gapIntervals]float64) int {
	c := &l.classes[class]
	known := gapIntervals
	if c.pool != none {
		known = l.hazards(c.pool, h)
	} else {
		clear(h[:])
	}
	var before float32
	for j := range gapIntervals {
		atRisk := float64(max(0, c.watched[j]-before))
		ended := min(float64(c.ended[j]), atRisk)
		before += c.ended[j]
		if c.pool == none {
			if atRisk < knownAfter {
				return j
			}
			h[j] = ended / atRisk
			continue
		}
		h[j] = (ended + poolStrength*h[j]) / (atRisk + poolStrength)
	}
	return known
}
