package tracesketch

import (
	"math"

	"github.com/assayhq/assay/internal/statecodec"
)

// What is decayed is saved with its age in steps of the decay, so that it can be read into another process, whose decay has begun elsewhere. The time
// between is not counted: what was usual before an outage is the best that is known after it.

// mostSteps bounds ages: older counts are nothing.
const mostSteps = 1 << 20

func codeEpoch(c *statecodec.Codec, epoch *int32, d *Decay) {
	age := min(d.epoch-*epoch, mostSteps)
	c.Int32(&age, 0, mostSteps)
	if c.Reading() {
		*epoch = d.epoch - age
	}
}

// State writes the meter, or reads it.
func (m *Meter) State(c *statecodec.Codec, d *Decay) {
	codeEpoch(c, &m.epoch, d)
	c.Float64(&m.count, false)
}

// State writes the mean, or reads it.
func (m *Mean) State(c *statecodec.Codec, d *Decay) {
	codeEpoch(c, &m.epoch, d)
	c.Float64(&m.count, false)
	c.Float64(&m.sum, true)
}

// State writes the sketch, or reads it.
func (s *Sketch) State(c *statecodec.Codec, d *Decay) {
	codeEpoch(c, &s.epoch, d)
	highest := bucketOf(math.MaxUint64)
	n := int32(len(s.counts))
	c.Int32(&n, 0, highest+1)
	if n == 0 {
		s.total, s.counts = 0, s.counts[:0]
		return
	}
	c.Int32(&s.first, 0, highest+1-n)
	if c.Reading() {
		s.counts = make([]float32, n)
	}
	s.total = 0
	for at := int32(0); at < n && c.Err() == nil; at++ {
		skip := int32(0) // empty buckets
		for !c.Reading() && at+skip < n && s.counts[at+skip] == 0 {
			skip++
		}
		c.Int32(&skip, 0, n-at)
		if at += skip; at < n {
			c.Count32(&s.counts[at])
			s.total += float64(s.counts[at])
		}
	}
}
