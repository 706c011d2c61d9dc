package tracebuffer

import (
	"encoding/binary"
	"math/bits"
)

// Header is the fixed part of an encoded span: what a decision needs, readable without decoding the rest.
type Header struct {
	// SpanID and ParentSpanID are the big-endian values of the eight bytes; 0 means absent.
	SpanID, ParentSpanID uint64
	// Start is in Unix nanoseconds.
	Start uint64
	// Duration is end less start in nanoseconds, wrapped to int64: negative where the end lies before the start. Every
	// pair of uint64 time stamps survives, because Start + uint64(Duration) wraps back to the end.
	Duration int64
	// Operation is the caller's hash of the span's operation.
	Operation uint64
	// Flags are the caller's bits (error, root, ...).
	Flags uint8
}

// Bits of a record's control byte. The lowest three are the slot of the record's dictionary generation.
const (
	slotMask      = maxGenerations - 1
	sameGroups    = 1 << 3 // resource and scope are those of the record before
	withoutParent = 1 << 4
	withTail      = 1 << 5
	foreignBody   = 1 << 6 // the body is OTLP protobuf: see foreign.go
	headerReserve = 72     // no header is longer, the eight bytes over its end that are read included
	fixedHeader   = 19     // control, flags, sizes, span id, operation
)

// masks keep the low n bytes of a word.
var masks = [16]uint64{0, 1<<8 - 1, 1<<16 - 1, 1<<24 - 1, 1<<32 - 1, 1<<40 - 1, 1<<48 - 1, 1<<56 - 1, 1<<64 - 1}

// putHeader writes the header so that it ends at the end of dst, which is headerReserve long, and returns where it starts.
// start is the start of the record before; body and tail are lengths in bytes.
func putHeader(dst *[headerReserve]byte, control uint8, h *Header, start uint64, body, tail int) int {
	var p [headerReserve]byte
	delta, duration := zigzag(int64(h.Start-start)), zigzag(h.Duration)
	deltaBytes, durationBytes := (bits.Len64(delta)+7)/8, (bits.Len64(duration)+7)/8
	if h.ParentSpanID == 0 {
		control |= withoutParent
	}
	if tail > 0 {
		control |= withTail
	}
	p[0], p[1], p[2] = control, h.Flags, uint8(deltaBytes|durationBytes<<4)
	binary.LittleEndian.PutUint64(p[3:], h.SpanID)
	binary.LittleEndian.PutUint64(p[11:], h.Operation)
	n := fixedHeader
	if h.ParentSpanID != 0 {
		binary.LittleEndian.PutUint64(p[n:], h.ParentSpanID)
		n += 8
	}
	binary.LittleEndian.PutUint64(p[n:], delta)
	n += deltaBytes
	binary.LittleEndian.PutUint64(p[n:], duration)
	n += durationBytes
	n += binary.PutUvarint(p[n:], uint64(body))
	if tail > 0 {
		n += binary.PutUvarint(p[n:], uint64(tail))
	}
	copy(dst[headerReserve-n:], p[:n])
	return headerReserve - n
}

// Headers walks the headers of a trace's spans in the order of arrival.
//
//	w := b.Headers(&t)
//	for w.Next() {
//		use(&w.Header)
//	}
//
// (Declared outside the loop: a variable of the for statement would be copied for each span.)
type Headers struct {
	// Header is the one that Next has read last.
	Header
	start      uint64 // of the record read last; Header is the caller's to change
	control    uint8
	left       uint32
	body, tail int // lengths of what follows the header, not yet consumed
	reader     reader
}

// Headers starts a walk over t. It is valid until t is appended to or freed.
func (b *Buffer) Headers(t *Trace) Headers {
	return Headers{left: t.spans, reader: b.arena.read(t)}
}

// Next reads the next header; false at the end.
func (w *Headers) Next() bool {
	if w.left == 0 {
		return false
	}
	w.left--
	r := &w.reader
	if n := w.body + w.tail; n < int(r.end-r.at) {
		r.at += uint32(n)
	} else {
		r.skip(n)
		if r.at == r.end {
			r.step()
		}
	}
	if r.at <= slabBytes-headerReserve {
		// What is read over the end of the block is masked out or read again.
		if n := w.parse((*[headerReserve]byte)(r.memory[r.at:])); n <= r.end-r.at {
			r.at += n
			w.start = w.Start
			return true
		}
	}
	var window [headerReserve]byte
	r.peek(window[:])
	r.skip(int(w.parse(&window)))
	w.start = w.Start
	return true
}

// parse reads the header at the start of p and returns its length. Where p is cut short by the end of a block, the length
// may be wrong, but it is more than was there: each field lies behind what it depends on.
func (w *Headers) parse(p *[headerReserve]byte) uint32 {
	control, sizes := p[0], p[2]
	w.control = control
	w.Flags = p[1]
	w.SpanID = binary.LittleEndian.Uint64(p[3:])
	w.Operation = binary.LittleEndian.Uint64(p[11:])
	n := uint32(fixedHeader)
	w.ParentSpanID = 0
	if control&withoutParent == 0 {
		w.ParentSpanID = binary.LittleEndian.Uint64(p[n:])
		n += 8
	}
	deltaBytes, durationBytes := uint32(sizes&15), uint32(sizes>>4)
	w.Start = w.start + uint64(unzigzag(binary.LittleEndian.Uint64(p[n:])&masks[deltaBytes]))
	n += deltaBytes
	w.Duration = unzigzag(binary.LittleEndian.Uint64(p[n:]) & masks[durationBytes])
	n += durationBytes
	w.body, w.tail = int(p[n]), 0
	n++
	if w.body >= 0x80 {
		w.body, n = length(p, n-1)
	}
	if control&withTail != 0 {
		w.tail, n = length(p, n)
	}
	return n
}

// length reads a varint of at most five bytes at n and returns where it ends.
func length(p *[headerReserve]byte, n uint32) (int, uint32) {
	v := 0
	for shift := 0; shift < 35; shift += 7 {
		c := p[n]
		n++
		v |= int(c&0x7f) << shift
		if c < 0x80 {
			break
		}
	}
	return v, n
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
