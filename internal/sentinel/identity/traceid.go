package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TraceID says which trace of which sentinel this is.
type TraceID struct {
	Instance uint16 // of the sentinel: see InstanceOf
	Stream   uint8  // which of its streams
	Slot     uint32 // wall clock since the Unix epoch, in lengths of the stream's slots
	Sequence uint32 // within the slot
}

// InstanceOf is the instance that stands for a name, such as that of a node. Names meet by chance once in 65,536.
func InstanceOf(name string) uint16 {
	sum := sha256.Sum256([]byte(generation + "instance " + name))
	return binary.BigEndian.Uint16(sum[:])
}

// block is room for one call of a cipher. It is pooled: what goes through the interface of a cipher is on the heap, and
// an allocation for every foreign span would be the greater part of the cost.
type block struct{ in, out [16]byte }

var blocks = sync.Pool{New: func() any { return new(block) }}

// put writes the plaintext. The last 5 bytes are left as zero.
func (id TraceID) put(b *[16]byte) {
	binary.BigEndian.PutUint64(b[:8], uint64(id.Instance)<<48|uint64(id.Stream)<<40|uint64(id.Slot)<<8|uint64(id.Sequence>>24))
	binary.BigEndian.PutUint64(b[8:], uint64(id.Sequence)<<40)
}

// Seal makes the 16 bytes of a trace id.
func (k *Key) Seal(id TraceID) pcommon.TraceID {
	b := blocks.Get().(*block)
	id.put(&b.in)
	k.trace.Encrypt(b.out[:], b.in[:])
	sealed := pcommon.TraceID(b.out)
	blocks.Put(b)
	return sealed
}

// Open recognises what Seal has made under the same key. Of any other 16 bytes it takes one in 2^40 for ours.
func (k *Key) Open(sealed pcommon.TraceID) (TraceID, bool) {
	b := blocks.Get().(*block)
	b.in = sealed
	k.trace.Decrypt(b.out[:], b.in[:])
	high, low := binary.BigEndian.Uint64(b.out[:8]), binary.BigEndian.Uint64(b.out[8:])
	blocks.Put(b)
	if low&(1<<40-1) != 0 {
		return TraceID{}, false
	}
	return TraceID{
		Instance: uint16(high >> 48),
		Stream:   uint8(high >> 40),
		Slot:     uint32(high >> 8),
		Sequence: uint32(high<<24) | uint32(low>>40),
	}, true
}

// Seed is where the randomness of a trace's content starts. Seeds of different traces look unrelated.
func (k *Key) Seed(id TraceID) uint64 {
	b := blocks.Get().(*block)
	id.put(&b.in)
	k.seed.Encrypt(b.out[:], b.in[:])
	seed := binary.BigEndian.Uint64(b.out[:8])
	blocks.Put(b)
	return seed
}
