package tailsampling

import "time"

// verdict is what is remembered of a decided trace, for its late spans.
type verdict struct {
	threshold  uint64        // of a kept trace
	randomness uint64        // explicit, with verdictRV
	last       time.Duration // arrival of its last span before the decision
	shape      uint32        // gap class under watch, none if none
	flags      verdictFlags
}

type verdictFlags uint8

const (
	verdictDropped  verdictFlags = 1 << iota
	verdictErased                // its spans go without a threshold
	verdictHashedRV              // randomness from a hash of the id
	verdictRV                    // explicit randomness
)

// decisionCache remembers the last decisions in two generations: when the younger is full it becomes the older, and what
// the older held is forgotten. So it holds between a half and the whole of its limit, and costs no list. Keys are seeded
// hashes of trace ids; the maps hold no pointers, which keeps the garbage collector out of them.
type decisionCache struct {
	limit      int // per generation
	young, old map[uint64]verdict
	began      time.Duration // when the younger was begun
	since      time.Duration // what was decided from then on is remembered
	held       [2]int        // most entries that young and old ever had: a map does not shrink when it is cleared
}

func newDecisionCache(limit int) decisionCache {
	return decisionCache{limit: max(1, limit/2), young: map[uint64]verdict{}, old: map[uint64]verdict{}}
}

func (c *decisionCache) get(key uint64) (verdict, bool) {
	v, ok := c.young[key]
	if !ok {
		v, ok = c.old[key]
	}
	return v, ok
}

// put remembers v, replacing what was known.
func (c *decisionCache) put(key uint64, v verdict, now time.Duration) {
	if len(c.young) >= c.limit {
		c.since, c.began = c.began, now
		c.young, c.old = c.old, c.young
		c.held[0], c.held[1] = c.held[1], c.held[0]
		clear(c.young)
	}
	c.young[key] = v
	c.held[0] = max(c.held[0], len(c.young))
}

// unwatch ends the watch of a spell, in place.
func (c *decisionCache) unwatch(key uint64, v verdict) {
	v.shape = none
	if _, ok := c.young[key]; ok {
		c.young[key] = v
	} else if _, ok := c.old[key]; ok {
		c.old[key] = v
	}
}

// verdictBytes is what an entry takes in a map that has just doubled, slots and control bytes included.
const verdictBytes = 96

func (c *decisionCache) bytes() int64 {
	return int64(c.held[0]+c.held[1]) * verdictBytes
}
