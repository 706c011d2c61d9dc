package window

import (
	"bytes"
	"encoding/hex"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// exemplars are a few traces to look at. Which ones does not depend on the order of arrival: the slowest, and of the others
// those whose ids have the lowest hashes, which is a uniform sample (Broder's bottom-k) that can be merged.
type exemplars struct {
	slow                         [snapshot.MaxExemplars]slowest         // slowest first
	failed, random               [snapshot.MaxExemplars]pcommon.TraceID // lowest hash first
	highestFailed, highestRandom uint64                                 // hash of the last one, once the list is full
	slows, fails, randoms        uint8
}

type slowest struct {
	id       pcommon.TraceID
	duration uint64 // ns
}

// add offers a span of a trace, whose hash is snapshot.ExemplarHash.
func (e *exemplars) add(id pcommon.TraceID, hash, duration uint64, failed bool) {
	if int(e.slows) < len(e.slow) || duration >= e.slow[len(e.slow)-1].duration {
		e.addSlow(slowest{id, duration})
	}
	if int(e.randoms) < len(e.random) || hash < e.highestRandom {
		e.highestRandom = addLowest(&e.random, &e.randoms, id, hash)
	}
	if failed && (int(e.fails) < len(e.failed) || hash < e.highestFailed) {
		e.highestFailed = addLowest(&e.failed, &e.fails, id, hash)
	}
}

func (s *slowest) before(o *slowest) bool {
	return s.duration > o.duration || s.duration == o.duration && bytes.Compare(s.id[:], o.id[:]) < 0
}

// addSlow keeps the list in order, each trace once, and drops what goes over the end.
func (e *exemplars) addSlow(x slowest) {
	n := int(e.slows)
	for i := range n {
		if e.slow[i].id == x.id {
			if !x.before(&e.slow[i]) {
				return
			}
			copy(e.slow[i:n], e.slow[i+1:n])
			n--
			break
		}
	}
	at := n
	for at > 0 && x.before(&e.slow[at-1]) {
		at--
	}
	if at < len(e.slow) {
		n = min(n+1, len(e.slow))
		copy(e.slow[at+1:n], e.slow[at:])
		e.slow[at] = x
	}
	e.slows = uint8(n)
}

// addLowest does the same by hash, and returns that of the last one. Hashes of different ids differ but for one pair in 2^64.
func addLowest(list *[snapshot.MaxExemplars]pcommon.TraceID, n *uint8, id pcommon.TraceID, hash uint64) uint64 {
	at := int(*n)
	for i := int(*n) - 1; i >= 0; i-- {
		if list[i] == id {
			return snapshot.ExemplarHash(list[*n-1])
		}
		if hash < snapshot.ExemplarHash(list[i]) {
			at = i
		}
	}
	if at < len(list) {
		*n = min(*n+1, uint8(len(list)))
		copy(list[at+1:*n], list[at:])
		list[at] = id
	}
	return snapshot.ExemplarHash(list[*n-1])
}

func (e *exemplars) snapshot() (s snapshot.Exemplars) {
	for _, x := range e.slow[:e.slows] {
		s.Slow = append(s.Slow, hex.EncodeToString(x.id[:]))
		s.SlowDurations = append(s.SlowDurations, int64(x.duration))
	}
	for _, id := range e.failed[:e.fails] {
		s.Error = append(s.Error, hex.EncodeToString(id[:]))
	}
	for _, id := range e.random[:e.randoms] {
		s.Random = append(s.Random, hex.EncodeToString(id[:]))
	}
	return s
}
