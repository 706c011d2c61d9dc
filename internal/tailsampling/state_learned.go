package tailsampling

import (
	"math"
	"time"

	"github.com/assayhq/assay/internal/statecodec"
	"github.com/assayhq/assay/internal/tracesketch"
)

// What is saved of the tables. Each method writes, or reads, by the direction of the codec.

func (op *operationStats) state(c *statecodec.Codec, d *tracesketch.Decay) {
	op.self.State(c, d)
	op.place.State(c, d)
	op.traces.State(c, d)
	op.failed.State(c, d)
	if !c.Reading() {
		for callee, call := range op.calls {
			c.More(true)
			call.state(c, callee, d)
		}
		c.More(false)
		return
	}
	for c.More(false) {
		call := &callStats{}
		callee := call.state(c, 0, d)
		if op.calls == nil {
			op.calls = map[tracesketch.Operation]*callStats{}
		}
		if len(op.calls) < maxCalls {
			op.calls[callee] = call
		}
	}
}

func (c *callStats) state(to *statecodec.Codec, callee tracesketch.Operation, d *tracesketch.Decay) tracesketch.Operation {
	id := uint64(callee)
	to.Uint64(&id)
	c.traces.State(to, d)
	for n := range c.repeat {
		c.repeat[n].State(to, d)
	}
	return tracesketch.Operation(id)
}

func (v *level) state(c *statecodec.Codec, d *tracesketch.Decay) {
	v.duration.State(c, d)
	v.excess.State(c, d)
}

func (p *pathStats) state(c *statecodec.Codec, d *tracesketch.Decay) {
	endpoint := uint64(p.endpoint)
	c.Uint64(&endpoint)
	p.endpoint = tracesketch.Operation(endpoint)
	p.level.state(c, d)
	p.traces.State(c, d)
	p.failed.State(c, d)
	p.kept.State(c, d)
	p.retained.State(c, d)
	if !c.Reading() {
		for op, s := range p.steps {
			c.More(true)
			id := uint64(op)
			c.Uint64(&id)
			s.place.State(c, d)
		}
		c.More(false)
		return
	}
	p.steps = map[tracesketch.Operation]*step{}
	for c.More(false) {
		var id uint64
		c.Uint64(&id)
		s := &step{}
		s.place.State(c, d)
		p.steps[tracesketch.Operation(id)] = s
	}
}

// totals are what is learned of all operations and traces together.
func (l *learned) totals(c *statecodec.Codec) {
	l.otherOps.state(c, l.decay)
	l.anyOp.state(c, l.decay)
	l.all.state(c, l.decay)
	l.failures.State(c, l.decay)
	l.uses.State(c, l.decay)
	l.oddity.State(c, l.decay)
	l.exposure.State(c, l.decay)
}

// takeOperation puts in an operation that was read; what has no room is left out.
func (l *learned) takeOperation(id tracesketch.Operation, op *operationStats) {
	if !l.full(len(l.operations)) {
		l.operations[id] = op
		l.bytes += int64(op.self.Bytes()) + int64(len(op.calls))*callBytes + statsBytes
	}
}

// takePath does the same for a path.
func (l *learned) takePath(id tracesketch.Path, p *pathStats) {
	if !l.full(len(l.paths)) {
		l.paths[id] = p
		l.bytes += p.bytes()
	}
}

// refresh derives what is usual from what was read.
func (l *learned) refresh() {
	l.anyOp.refresh(l)
	l.otherOps.refresh(l)
	l.all.refresh()
	for _, op := range l.operations {
		op.refresh(l)
	}
	for _, p := range l.paths {
		p.level.refresh()
		for id, s := range p.steps {
			op := l.operations[id]
			if op == nil {
				op = &l.otherOps
			}
			s.refresh(l, op)
		}
	}
}

// state of a class is its key, that of its pool, and its counts.
func (g *gapClass) state(c *statecodec.Codec) {
	c.Uint64(&g.key)
	pool := int64(g.pool)
	c.Int(&pool, 0, math.MaxUint32)
	g.pool = uint32(pool)
	for j := range gapIntervals {
		c.Count32(&g.ended[j])
		c.Count32(&g.watched[j])
	}
}

// join makes the index of classes that were read. Observations go from a class to its pool, and from there to that of all; whatever else
// was read as a pool is that of all.
func (l *gapLearner) join() {
	for i := range l.classes {
		g := &l.classes[i]
		switch {
		case i == allShapes:
			g.pool = none
			continue
		case int(g.pool) >= len(l.classes) || int(g.pool) == i:
			g.pool = allShapes
		}
		l.index[g.key] = uint32(i)
	}
	for i := range l.classes {
		if g := &l.classes[i]; g.pool != none && g.pool != allShapes && l.classes[g.pool].pool != allShapes {
			g.pool = allShapes
		}
	}
	for i := range l.classes {
		if g := &l.classes[i]; i != allShapes && l.index[g.key] != uint32(i) { // given up, or twice
			*g = gapClass{key: g.key, pool: allShapes}
			l.free = append(l.free, uint32(i))
		}
	}
}

func (c *cutoff) state(to *statecodec.Codec) {
	to.Sparse(c.cost[:])
	to.Sparse(c.weight[:])
	if to.Reading() {
		c.total = 0
		for _, cost := range &c.cost {
			c.total += cost
		}
	}
}

// state writes the selector, or reads it, after it was away for so long.
func (s *selector) state(c *statecodec.Codec, away time.Duration) {
	s.cutoff.state(c)
	for k := range s.bySign {
		s.bySign[k].state(c)
	}
	for _, v := range []*float64{&s.offered, &s.sure, &s.recent.cost, &s.recent.seconds, &s.recent.traces, &s.rules} {
		c.Float64(v, false)
	}
	seen := int64(s.seen)
	c.Int(&seen, 0, int64(offeredMemory))
	s.seen = time.Duration(seen)
	s.allowance.state(c, away)
}

// state writes the bucket and the window, or reads them into an allowance whose clock has just begun.
func (a *allowance) state(c *statecodec.Codec, away time.Duration) {
	c.Float64(&a.tokens, true)
	for _, v := range []*float64{&a.trace, &a.traces, &a.seen} {
		c.Float64(v, false)
	}
	rate := a.rate
	c.Float64(&rate, false)
	if a.budget.Unit == SharePercent {
		a.rate = rate // of any other unit, it is configured
	}
	var spent [allowanceSlots]float64 // by age
	if !c.Reading() {
		for age := range spent {
			spent[age] = a.slots[(a.slot+allowanceSlots-int64(age))%allowanceSlots]
		}
	}
	c.Sparse(spent[:])
	if !c.Reading() {
		return
	}
	a.slot, a.spent = 0, 0
	clear(a.slots[:])
	for age := int64(away / selectInterval); age < allowanceSlots; age++ {
		v := spent[max(0, age-int64(away/selectInterval))]
		a.slots[(allowanceSlots-age)%allowanceSlots] = v
		a.spent += v
	}
	a.tokens = max(min(a.tokens, a.depth()), -maxDebt*a.rate)
}
