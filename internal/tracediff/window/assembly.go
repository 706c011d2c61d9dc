package window

import (
	"bytes"
	"cmp"
	"math/bits"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracebuffer"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracesketch"
)

// assembly is one trace, decoded and put together, and the scratch memory for it. It belongs to one goroutine.
type assembly struct {
	id         pcommon.TraceID
	hash       uint64 // orders exemplars
	plan       *plan
	matched    matchSet
	spans      []tracesketch.Span // without duplicates; Operation is a hash once resolve has run
	facts      []fact             // of each span
	values     []piece
	numbers    []uint32 // of values, where all attributes are captured
	bytes      []byte
	duplicates int
	structure  tracesketch.Structure

	analyzer tracesketch.Analyzer
	table    []int32 // open addressing over span ids: index + 1
	touched  []*group
}

// load decodes a trace.
func (a *assembly) load(b *tracebuffer.Buffer, t *buffered) {
	a.id, a.hash, a.plan, a.matched, a.duplicates = t.ID, snapshot.ExemplarHash(t.ID), t.plan, matchSet{}, 0
	a.spans, a.facts, a.values, a.numbers, a.bytes = a.spans[:0], a.facts[:0], a.values[:0], a.numbers[:0], a.bytes[:0]
	columns := len(t.plan.columns)
	w := b.Headers(&t.Spans)
	for w.Next() {
		from := len(a.bytes)
		a.bytes = w.Record(a.bytes)
		f := a.decode(from, w.Flags, columns)
		f.operation = uint32(w.Operation)
		a.matched.add(&f.matched)
		a.facts = append(a.facts, f)
		a.spans = append(a.spans, tracesketch.Span{
			SpanID: w.SpanID, ParentSpanID: w.ParentSpanID, Start: w.Start, Duration: w.Duration, Flags: w.Flags,
		})
	}
}

// analyze resolves operations and finds the trace's structure. What it finds does not depend on the order of arrival.
func (a *assembly) analyze(n *names) {
	n.mu.RLock()
	for i := range a.facts {
		a.spans[i].Operation = uint64(n.operations[a.facts[i].operation].hash)
	}
	n.mu.RUnlock()
	a.dropDuplicates()
	a.structure = a.analyzer.Analyze(a.spans)
}

// dropDuplicates leaves one of the spans that share an id, whichever came first. The two sides of a call that Zipkin gives
// one id are two spans.
func (a *assembly) dropDuplicates() {
	size := 1 << bits.Len(uint(2*len(a.spans)))
	if cap(a.table) < size {
		a.table = make([]int32, size)
	}
	a.table = a.table[:size]
	clear(a.table)
	mask := uint64(size - 1)
	kept := 0
	for i := range a.spans {
		sp := &a.spans[i]
		h := (sp.SpanID ^ uint64(sp.Flags&flagServer)) * 0x9E3779B97F4A7C15
		h = (h ^ h>>32) & mask
		for {
			at := a.table[h]
			if at == 0 {
				a.table[h] = int32(kept) + 1
				a.spans[kept], a.facts[kept] = *sp, a.facts[i]
				kept++
				break
			}
			if o := &a.spans[at-1]; o.SpanID == sp.SpanID && (o.Flags^sp.Flags)&flagServer == 0 {
				a.duplicates++
				if a.before(i, int(at-1)) {
					a.spans[at-1], a.facts[at-1] = *sp, a.facts[i]
				}
				break
			}
			h = (h + 1) & mask
		}
	}
	a.spans, a.facts = a.spans[:kept], a.facts[:kept]
}

// before orders duplicates by all that is known of them, so that the one that stays does not depend on the order of arrival.
func (a *assembly) before(i, j int) bool {
	x, y := &a.spans[i], &a.spans[j]
	if c := cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.Duration, y.Duration), cmp.Compare(x.Operation, y.Operation),
		cmp.Compare(x.ParentSpanID, y.ParentSpanID), cmp.Compare(x.Flags, y.Flags)); c != 0 {
		return c < 0
	}
	p, q := &a.facts[i], &a.facts[j]
	return bytes.Compare(a.bytes[p.at:p.end], a.bytes[q.at:q.end]) < 0
}

// duration is that of the whole trace, ns: from the earliest start to the latest end of its spans.
func (a *assembly) duration() int64 {
	first, last := int64(1<<63-1), int64(-1<<63)
	for i := range a.spans {
		start := int64(a.spans[i].Start)
		first = min(first, start)
		last = max(last, start+max(0, a.spans[i].Duration))
	}
	return max(0, last-first)
}

// shrink lets go of what only an unusual trace needs.
func (a *assembly) shrink() {
	if cap(a.spans) > 1<<16 || cap(a.bytes) > 1<<22 {
		*a = assembly{}
	}
}
