package tailsampling

import (
	"cmp"
	"maps"
	"slices"

	"github.com/assayhq/assay/internal/tracesketch"
)

// sweep trims what is learned: what has been forgotten goes, and past the limits the least used go. Where it would take
// more than its room, the tables are made smaller.
func (d *decider) sweep() {
	l := d.learned
	l.trim()
	l.measure()
	if l.bytes < l.room/2 {
		l.max = min(l.cfg.Max, 2*l.max)
	}
	for l.bytes > l.room && l.max > 1 {
		entries := max(len(l.operations), len(l.paths))
		l.max = max(1, int(float64(min(l.max, entries))*min(0.9, float64(l.room)/float64(l.bytes))))
		l.trim()
		l.measure()
	}
	d.gaps.forget(l.decay)
}

// Parts of the memory limit. Together with the decision caches and the dictionaries they leave room for spans, whatever
// comes in: were they to fill it, nothing could be taken in ever again.
const (
	learnedShare = 4  // one in four: paths, endpoints and operations
	gapShare     = 16 // one in sixteen: completion of shapes
	namesShare   = 16 // look-up of raw names, all shards together
	reportShare  = 32 // names of operations for reports
)

// accountLearned brings the memory count up to date with what is learned.
func (d *decider) accountLearned() {
	d.memory.Account(&d.counted, d.learned.bytes+d.gaps.bytes()+d.log.bytes())
}

func (l *learned) trim() {
	for _, o := range l.operations {
		trim(o.calls, maxCalls, func(c *callStats) float64 { return c.traces.Count(l.decay) })
	}
	trim(l.operations, l.max, func(o *operationStats) float64 { return o.traces.Count(l.decay) })
	trim(l.paths, l.max, func(p *pathStats) float64 { return p.traces.Count(l.decay) })
}

// measure adds up the bytes of all tables.
func (l *learned) measure() {
	l.bytes = int64(l.anyOp.self.Bytes()+l.otherOps.self.Bytes()) + l.all.bytes()
	for _, o := range l.operations {
		l.bytes += int64(o.self.Bytes()) + int64(len(o.calls))*callBytes + statsBytes
	}
	for _, p := range l.paths {
		l.bytes += p.bytes()
	}
}

func (p *pathStats) bytes() int64 {
	return p.level.bytes() + int64(p.retained.Bytes()) + int64(len(p.steps))*stepBytes + int64(len(p.edges))*edgeBytes + statsBytes
}

func (v *level) bytes() int64 { return int64(v.duration.Bytes() + v.excess.Bytes()) }

// What an entry takes beside its buckets, an operation of a path, and a call.
const (
	statsBytes = 400
	stepBytes  = 96
	callBytes  = 220
	edgeBytes  = 16
)

// trim removes forgotten entries, and a tenth of the table when it is full, the least used first.
func trim[K comparable, V any](table map[K]V, limit int, used func(V) float64) {
	const forgotten = 0.01
	maps.DeleteFunc(table, func(_ K, v V) bool { return used(v) < forgotten })
	if len(table) < limit {
		return
	}
	keys := slices.SortedFunc(maps.Keys(table), func(a, b K) int { return cmp.Compare(used(table[a]), used(table[b])) })
	for _, k := range keys[:min(len(keys), len(table)-limit+(limit+9)/10)] {
		delete(table, k)
	}
}

// forget applies the decay since the last call to all counts. A class without any count left makes room for another: what
// still refers to it adds a stray observation there at worst. A pool has the counts of its members, so it goes last.
func (l *gapLearner) forget(d *tracesketch.Decay) {
	factor := float32(d.Factor(l.epoch))
	l.epoch = d.Epoch()
	for i := range l.classes {
		c := &l.classes[i]
		for j := range c.ended {
			c.ended[j] *= factor
			c.watched[j] *= factor
		}
		const forgotten = 0.01
		if i != allShapes && l.index[c.key] == uint32(i) && c.watched[0]+c.ended[0] < forgotten && factor < 1 {
			delete(l.index, c.key)
			l.free = append(l.free, uint32(i))
		}
	}
}

func (l *gapLearner) bytes() int64 {
	return int64(cap(l.spells))*spellBytes + int64(len(l.classes))*classBytes
}

// What a spell takes in the ring, and a class with its entry in the index.
const (
	spellBytes = 16
	classBytes = 8*int64(gapIntervals) + 64
)
