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
	slow                  [snapshot.MaxExemplars]exemplar // slowest first
	failed, random        [snapshot.MaxExemplars]exemplar // lowest hash first
	slows, fails, randoms uint8
}

type exemplar struct {
	id  pcommon.TraceID
	key uint64 // duration in ns, or hash
}

// add offers a span of a trace.
func (e *exemplars) add(id pcommon.TraceID, hash, duration uint64, failed bool) {
	if int(e.slows) < len(e.slow) || duration >= e.slow[len(e.slow)-1].key {
		insert(&e.slow, &e.slows, exemplar{id, duration}, slower)
	}
	if int(e.randoms) < len(e.random) || hash <= e.random[len(e.random)-1].key {
		insert(&e.random, &e.randoms, exemplar{id, hash}, lower)
	}
	if failed && (int(e.fails) < len(e.failed) || hash <= e.failed[len(e.failed)-1].key) {
		insert(&e.failed, &e.fails, exemplar{id, hash}, lower)
	}
}

func slower(a, b *exemplar) bool {
	return a.key > b.key || a.key == b.key && bytes.Compare(a.id[:], b.id[:]) < 0
}

func lower(a, b *exemplar) bool {
	return a.key < b.key || a.key == b.key && bytes.Compare(a.id[:], b.id[:]) < 0
}

// insert keeps the list in order, each trace once, and drops what goes over the end.
func insert(list *[snapshot.MaxExemplars]exemplar, n *uint8, x exemplar, before func(a, b *exemplar) bool) {
	at := int(*n)
	for i := range int(*n) {
		if list[i].id == x.id {
			if !before(&x, &list[i]) {
				return
			}
			copy(list[i:], list[i+1:int(*n)])
			*n--
			break
		}
	}
	at = int(*n)
	for at > 0 && before(&x, &list[at-1]) {
		at--
	}
	if at == len(list) {
		return
	}
	*n = min(*n+1, uint8(len(list)))
	copy(list[at+1:*n], list[at:])
	list[at] = x
}

func (e *exemplars) snapshot() (s snapshot.Exemplars) {
	for _, x := range e.slow[:e.slows] {
		s.Slow = append(s.Slow, hex.EncodeToString(x.id[:]))
		s.SlowDurations = append(s.SlowDurations, int64(x.key))
	}
	for _, x := range e.failed[:e.fails] {
		s.Error = append(s.Error, hex.EncodeToString(x.id[:]))
	}
	for _, x := range e.random[:e.randoms] {
		s.Random = append(s.Random, hex.EncodeToString(x.id[:]))
	}
	return s
}

// restore is the reverse of snapshot.
func (e *exemplars) restore(s *snapshot.Exemplars) {
	for i, text := range s.Slow {
		if id, ok := parseTraceID(text); ok && i < len(s.SlowDurations) {
			insert(&e.slow, &e.slows, exemplar{id, uint64(max(0, s.SlowDurations[i]))}, slower)
		}
	}
	for _, text := range s.Error {
		if id, ok := parseTraceID(text); ok {
			insert(&e.failed, &e.fails, exemplar{id, snapshot.ExemplarHash(id)}, lower)
		}
	}
	for _, text := range s.Random {
		if id, ok := parseTraceID(text); ok {
			insert(&e.random, &e.randoms, exemplar{id, snapshot.ExemplarHash(id)}, lower)
		}
	}
}

func parseTraceID(text string) (id pcommon.TraceID, ok bool) {
	p, err := hex.DecodeString(text)
	return id, err == nil && copy(id[:], p) == len(id) && len(p) == len(id)
}
