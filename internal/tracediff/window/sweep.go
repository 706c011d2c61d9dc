package window

import (
	"time"

	"github.com/assayhq/assay/internal/traceassembly"
)

// sweepInterval is how often numbers of names may be taken back.
const sweepInterval = 10 * time.Second

// current is the epoch of the numbers.
func (n *names) current() uint32 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.epoch
}

// sweep takes back the numbers of names that no buffered trace and no open window refers to. It stops the world, for about
// 30 ms per million buffered spans, and only when names are about to run out.
func (e *Engine) sweep(now time.Duration) {
	if now-e.swept < sweepInterval && e.swept != 0 || !e.names.crowded() {
		return
	}
	e.swept = now
	e.intake.Lock()
	defer e.intake.Unlock()
	n := e.names
	n.mu.Lock()
	defer n.mu.Unlock()
	operations, sources := make([]bool, len(n.operations)), make([]bool, len(n.sources))
	for _, s := range e.shards {
		s.mark(operations, sources)
	}
	for _, c := range e.calendars() {
		c.mark(operations, sources)
	}
	n.free(operations, sources)
}

// mark notes what buffered traces refer to.
func (s *shard) mark(operations, sources []bool) {
	s.Lock()
	defer s.Unlock()
	var a assembly
	for i := s.Traces.Oldest(); i != traceassembly.None; i = s.Traces.Newer(i) {
		a.load(s.Buffer, s.Traces.At(i))
		for j := range a.facts {
			operations[a.facts[j].operation] = true
			sources[a.facts[j].source] = true
		}
	}
}

// mark notes what the indices of open windows refer to.
func (c *calendar) mark(operations, sources []bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.open {
		g.mu.Lock()
		for number, group := range g.operations {
			if group != nil {
				operations[number] = true
			}
		}
		for ends := range g.edges { // the caller may be out of scope, and have no group
			operations[ends>>32], operations[uint32(ends)] = true, true
		}
		for path := range g.paths {
			operations[path.root] = true
		}
		for number := range g.versions {
			sources[number] = true
		}
		g.mu.Unlock()
	}
}

// free takes back what is not marked. The lock is held.
func (n *names) free(operations, sources []bool) {
	n.freeOperations, n.freeSources = n.freeOperations[:0], n.freeSources[:0]
	n.epoch++
	n.folded = false
	used := make([]bool, len(n.services))
	for number, kept := range operations {
		if kept {
			used[n.operations[number].service] = true
			continue
		}
		key := n.operations[number].operationKey
		if at, ok := n.operationOf[key]; ok && at == uint32(number) {
			delete(n.operationOf, key)
			n.perService[key.service]--
		}
		n.operations[number] = operation{}
		n.freeOperations = append(n.freeOperations, uint32(number))
	}
	for number, kept := range sources {
		if kept {
			used[n.sources[number].service] = true
			continue
		}
		if at, ok := n.sourceOf[n.sources[number]]; ok && at == uint32(number) {
			delete(n.sourceOf, n.sources[number])
		}
		n.sources[number] = source{}
		n.freeSources = append(n.freeSources, uint32(number))
	}
	for number, kept := range used {
		if name := n.services[number]; !kept && n.serviceOf[name] == uint32(number) {
			delete(n.serviceOf, name)
			n.freeServices = append(n.freeServices, uint32(number))
		}
	}
}
