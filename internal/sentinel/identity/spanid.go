package identity

import (
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// MaxSpans is how many spans of a trace have different ids.
const MaxSpans = 1 << 24

// SealSpan makes the id of the span with an index, below MaxSpans, in a trace. Ids of one trace are all different. The id
// of eight zero bytes, which means none, is as good as impossible: one in 2^64.
func (k *Key) SealSpan(trace TraceID, index uint32) pcommon.SpanID {
	b := blocks.Get().(*block)
	trace.put(&b.in)
	id := k.sealSpan(b, index)
	blocks.Put(b)
	return id
}

// sealSpan seals an index for the trace that b.in holds.
func (k *Key) sealSpan(b *block, index uint32) (id pcommon.SpanID) {
	tag := k.spanTag(b, index)
	binary.BigEndian.PutUint64(id[:], tag<<24|uint64(index^k.spanPad(b, tag))&(MaxSpans-1))
	return id
}

// SealSpans appends the ids of the first n spans of a trace.
func (k *Key) SealSpans(trace TraceID, n int, to []pcommon.SpanID) []pcommon.SpanID {
	b := blocks.Get().(*block)
	trace.put(&b.in)
	for index := range uint32(n) {
		to = append(to, k.sealSpan(b, index))
	}
	blocks.Put(b)
	return to
}

// OpenSpan recognises what SealSpan has made for the same trace under the same key, and returns the index. Of any other
// 8 bytes it takes one in 2^40 for ours.
func (k *Key) OpenSpan(trace TraceID, sealed pcommon.SpanID) (uint32, bool) {
	v := binary.BigEndian.Uint64(sealed[:])
	tag := v >> 24
	b := blocks.Get().(*block)
	trace.put(&b.in)
	index := (uint32(v) ^ k.spanPad(b, tag)) & (MaxSpans - 1)
	ours := k.spanTag(b, index) == tag
	blocks.Put(b)
	return index, ours
}

// spanTag is 40 bits over trace, which b.in holds, and index.
func (k *Key) spanTag(b *block, index uint32) uint64 {
	b.in[11] = 0
	binary.BigEndian.PutUint32(b.in[12:], index)
	k.tag.Encrypt(b.out[:], b.in[:])
	return binary.BigEndian.Uint64(b.out[:8]) >> 24
}

// spanPad is 24 bits from trace, which b.in holds, and tag.
func (k *Key) spanPad(b *block, tag uint64) uint32 {
	b.in[11] = byte(tag >> 32)
	binary.BigEndian.PutUint32(b.in[12:], uint32(tag))
	k.pad.Encrypt(b.out[:], b.in[:])
	return binary.BigEndian.Uint32(b.out[:4])
}
