package verify

import "github.com/assayhq/assay/internal/sentinel/identity"

// recentTraces is how many traces that were called unexpected are known as such.
const recentTraces = 1024

// recent remembers the last traces that were added to it.
type recent struct {
	known map[identity.TraceID]struct{}
	ring  []identity.TraceID
	next  int // the oldest, once the ring is full
}

// add says whether the trace is none of the last ones.
func (r *recent) add(id identity.TraceID) bool {
	if _, ok := r.known[id]; ok {
		return false
	}
	if r.known == nil {
		r.known = map[identity.TraceID]struct{}{}
	}
	r.known[id] = struct{}{}
	if len(r.ring) < recentTraces {
		r.ring = append(r.ring, id)
		return true
	}
	delete(r.known, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % recentTraces
	return true
}
