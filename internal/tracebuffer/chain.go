package tracebuffer

import (
	"encoding/binary"
	"unsafe"
)

// Trace is the handle of one trace's spans in a Buffer. It holds no pointer and is meant to be embedded by value; the zero
// value is a trace without spans. Copy it only to move it: two copies of a handle must not both be appended to or freed.
type Trace struct {
	first, last blockRef
	used        uint32 // bytes used in the last block, link included
	spans       uint32
	units       uint32 // size of all blocks, in units of 16 bytes
	oldest      uint32 // sequence number of the oldest dictionary generation that the records may refer to

	// State of the last record, which the next one is written relative to.
	start      uint64
	generation uint32
	resource   uint32
	scope      uint32
}

// Spans is the number of spans held.
func (t *Trace) Spans() int { return int(t.spans) }

// Bytes is the size of the blocks held, of which the last one is partly unused.
func (t *Trace) Bytes() int { return int(t.units) << unitShift }

// growth sets how a chain grows: a new block is about the size of what the trace holds already divided by growth. So the
// unused end stays a small share of a chain, and the number of blocks grows with the logarithm of its bytes until blocks are
// of the largest size.
const growth = 3

// write appends p to the chain of t.
func (a *arena) write(t *Trace, p []byte) {
	for {
		if t.last != 0 {
			n := copy(a.block(t.last)[t.used:], p)
			t.used += uint32(n)
			if n == len(p) {
				return
			}
			p = p[n:]
		}
		a.extend(t, len(p))
	}
}

func (a *arena) writeString(t *Trace, s string) {
	a.write(t, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// extend adds a block to the chain of t, for n more bytes.
func (a *arena) extend(t *Trace, n int) {
	c := class(min(max(n+linkBytes, t.Bytes()/growth), largestBlock))
	ref := a.alloc(c)
	if t.last == 0 {
		t.first = ref
	} else {
		binary.LittleEndian.PutUint32(a.block(t.last), uint32(ref))
	}
	t.last, t.used = ref, linkBytes
	t.units += blockSizes[c] >> unitShift
}

// free gives the blocks of t back.
func (a *arena) free(t *Trace) {
	for ref := t.first; ref != 0; {
		next := blockRef(binary.LittleEndian.Uint32(a.block(ref)))
		a.release(ref)
		ref = next
	}
}

// reader walks the bytes of a chain. It does not know where the records end: the reader of records counts them.
type reader struct {
	arena   *arena
	memory  *[slabBytes]byte // slab of the current block
	at, end uint32           // what is left of the current block
	next    blockRef
}

func (a *arena) read(t *Trace) reader {
	return reader{arena: a, next: t.first}
}

// step goes on to the next block; false at the end of the chain.
func (r *reader) step() bool {
	if r.next == 0 {
		return false
	}
	s := &r.arena.slabs[r.next/unitsPerSlab]
	at := uint32(r.next) % unitsPerSlab << unitShift
	r.memory, r.at, r.end = s.memory, at+linkBytes, at+blockSizes[s.class]
	r.next = blockRef(binary.LittleEndian.Uint32(s.memory[at:]))
	return true
}

// peek copies the bytes ahead to dst, as far as there are any, without consuming them.
func (r *reader) peek(dst []byte) {
	ahead, n := *r, 0
	for {
		if ahead.at < ahead.end {
			n += copy(dst[n:], ahead.memory[ahead.at:ahead.end])
		}
		if n == len(dst) || !ahead.step() {
			return
		}
	}
}

// skip consumes n bytes.
func (r *reader) skip(n int) {
	for n > int(r.end-r.at) {
		n -= int(r.end - r.at)
		if !r.step() {
			panic("tracebuffer: a record runs over the end of its trace")
		}
	}
	r.at += uint32(n)
}

// take consumes n bytes into a string of its own.
func (r *reader) take(n int) string {
	if n == 0 {
		return ""
	}
	if n <= int(r.end-r.at) {
		s := string(r.memory[r.at : int(r.at)+n])
		r.at += uint32(n)
		return s
	}
	p := make([]byte, n)
	r.peek(p)
	r.skip(n)
	return unsafe.String(&p[0], n)
}
