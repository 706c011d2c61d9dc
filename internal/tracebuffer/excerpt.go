package tracebuffer

import (
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Excerpt takes a copy of the records that are appended to a Buffer, with the strings that they refer to, so that the copy can be read
// without the Buffer. It costs next to nothing beside encoding the spans a second time. The zero value is ready.
//
//	excerpt:  size of the strings, 4 B | strings | pieces
//	string:   slot of its generation in the low 3 bits, above it its reference, varint | length, varint | bytes
//	piece:    Piece | records of a trace, as they are in the Buffer
type Excerpt struct {
	number  uint32 // tells a string that is in from one that was in an earlier excerpt
	strings []byte
	pieces  []byte
	piece   int // where the last piece starts in pieces
	spans   uint32
}

// Piece is spans of a trace that came one after the other. What Owner says is up to the caller.
type Piece struct {
	TraceID pcommon.TraceID
	Owner   uint64
	Spans   uint32
	size    uint32 // of the records, bytes
	start   uint64 // of the span before the first
}

const pieceBytes = 16 + 8 + 4 + 4 + 8

// Excerpt has what is appended from now on copied to x, until EndExcerpt. A piece must begin before the first span is appended, and
// wherever the trace changes.
func (b *Buffer) Excerpt(x *Excerpt) {
	x.strings, x.pieces, x.piece, x.spans = x.strings[:0], x.pieces[:0], -1, 0
	b.excerpts++
	x.number = b.excerpts
	b.encoder.excerpt = x
}

// BeginPiece begins a piece, whose spans are appended to t. It returns the bytes of the piece before.
func (b *Buffer) BeginPiece(t *Trace, id pcommon.TraceID, owner uint64) (before int) {
	x := b.encoder.excerpt
	before = x.endPiece()
	x.piece = len(x.pieces)
	x.pieces = append(x.pieces, id[:]...)
	x.pieces = binary.LittleEndian.AppendUint64(x.pieces, owner)
	x.pieces = append(x.pieces, 0, 0, 0, 0, 0, 0, 0, 0)
	x.pieces = binary.LittleEndian.AppendUint64(x.pieces, t.start)
	t.generation = 0 // the first record of a piece names its resource and scope
	return before
}

// endPiece fills in how much the last piece holds and returns its size.
func (x *Excerpt) endPiece() int {
	if x.piece < 0 {
		return 0
	}
	p := x.pieces[x.piece:]
	binary.LittleEndian.PutUint32(p[24:], x.spans)
	binary.LittleEndian.PutUint32(p[28:], uint32(len(p)-pieceBytes))
	x.spans = 0
	return len(p)
}

// EndExcerpt ends the copying and appends the excerpt to dst. last is the bytes of the last piece.
func (b *Buffer) EndExcerpt(dst []byte) (excerpt []byte, last int) {
	x := b.encoder.excerpt
	b.encoder.excerpt = nil
	last = x.endPiece()
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(x.strings)))
	dst = append(dst, x.strings...)
	dst = append(dst, x.pieces...)
	x.shrink()
	return dst, last
}

// Empty tells whether no piece has begun.
func (x *Excerpt) Empty() bool { return x.piece < 0 }

// keepExcerpt is how much memory is kept for the next excerpt.
const keepExcerpt = 1 << 20

func (x *Excerpt) shrink() {
	if cap(x.pieces)+cap(x.strings) > keepExcerpt {
		x.pieces, x.strings = nil, nil
	}
}

// record copies a record.
func (x *Excerpt) record(head []byte, tail []string) {
	x.pieces = append(x.pieces, head...)
	for _, s := range tail {
		x.pieces = append(x.pieces, s...)
	}
	x.spans++
}

// refer takes in the string of a reference, if it is not in yet.
func (x *Excerpt) refer(g *generation, ref uint32) {
	if int(ref) >= len(g.excerpts) {
		g.excerpts = append(g.excerpts, make([]uint32, cap(g.entries)-len(g.excerpts))...)
	}
	if g.excerpts[ref] == x.number {
		return
	}
	g.excerpts[ref] = x.number
	s := g.string(ref)
	x.strings = binary.AppendUvarint(x.strings, uint64(ref)<<3|uint64(g.sequence&slotMask))
	x.strings = binary.AppendUvarint(x.strings, uint64(len(s)))
	x.strings = append(x.strings, s...)
}

// ExcerptReader reads excerpts. The zero value is ready; Close it after use.
type ExcerptReader struct {
	buffer *Buffer
	pieces []byte
	piece  Piece
	marks  [maxGenerations][]uint32 // references set by this excerpt
}

// longestTable bounds references: no dictionary comes near.
const longestTable = 1 << 24

// Open begins to read an excerpt, which must not change until the next Open. It returns false where it is malformed.
func (r *ExcerptReader) Open(excerpt []byte) bool {
	if r.buffer == nil {
		r.buffer = New(Options{})
	}
	r.pieces = nil
	if len(excerpt) < 4 {
		return false
	}
	size := uint64(binary.LittleEndian.Uint32(excerpt))
	if size > uint64(len(excerpt)-4) {
		return false
	}
	table := excerpt[4 : 4+size]
	for slot := range r.buffer.generations.ring {
		d := &r.buffer.generations.ring[slot].dictionary
		for _, ref := range r.marks[slot] {
			d.entries[ref] = entry{}
		}
		r.marks[slot] = r.marks[slot][:0]
		d.text = d.text[:0]
		for at := 0; at < len(table); at += 1 << chunkShift {
			d.text = append(d.text, table[at:])
		}
	}
	if !r.table(table) {
		return false
	}
	r.pieces = excerpt[4+size:]
	return true
}

// table makes the strings known under their references. Their text stays where it is.
func (r *ExcerptReader) table(table []byte) bool {
	for at := 0; at < len(table); {
		head, n := binary.Uvarint(table[at:])
		if n <= 0 || head>>3 >= longestTable {
			return false
		}
		at += n
		size, n := binary.Uvarint(table[at:])
		if n <= 0 || size > uint64(len(table)-at-n) {
			return false
		}
		at += n
		slot, ref := head&slotMask, uint32(head>>3)
		d := &r.buffer.generations.ring[slot].dictionary
		for len(d.entries) <= int(ref) {
			d.entries = append(d.entries, entry{})
		}
		d.entries[ref] = entry{at: uint32(at), size: uint32(size)}
		r.marks[slot] = append(r.marks[slot], ref)
		at += int(size)
	}
	return true
}

// Next goes on to the next piece. It returns false at the end, or where the rest is malformed.
func (r *ExcerptReader) Next(p *Piece) bool {
	if len(r.pieces) < pieceBytes {
		return false
	}
	b := r.pieces
	copy(p.TraceID[:], b)
	p.Owner = binary.LittleEndian.Uint64(b[16:])
	p.Spans = binary.LittleEndian.Uint32(b[24:])
	p.size = binary.LittleEndian.Uint32(b[28:])
	p.start = binary.LittleEndian.Uint64(b[32:])
	if uint64(p.size) > uint64(len(b)-pieceBytes) {
		r.pieces = nil
		return false
	}
	r.piece = *p
	return true
}

// Bytes is how much of the excerpt the piece takes.
func (p *Piece) Bytes() int { return pieceBytes + int(p.size) }

// Skip goes on without decoding the piece that Next has found last.
func (r *ExcerptReader) Skip() { r.pieces = r.pieces[r.piece.Bytes():] }

// Decode appends the spans of the piece that Next has found last to an Assembly, and goes on. It reports false where the piece is
// malformed; then some spans of it may be there.
func (r *ExcerptReader) Decode(to *Assembly) (ok bool) {
	records := r.pieces[pieceBytes : pieceBytes+int(r.piece.size)]
	r.Skip()
	b, t := r.buffer, Trace{spans: r.piece.Spans}
	b.arena.write(&t, records)
	defer b.arena.free(&t)
	defer func() { // the decoder checks nothing, because encoders write no nonsense
		if recover() != nil {
			b.decoder, ok = decoder{}, false
		}
	}()
	c := Cursor{started: true, headers: Headers{left: t.spans, start: r.piece.start, reader: b.arena.read(&t)}}
	b.DecodeTo(to, &c, &t, r.piece.TraceID, int(r.piece.Spans), nil)
	return true
}

// Close gives the reader's memory back.
func (r *ExcerptReader) Close() {
	if r.buffer != nil {
		r.buffer.Close()
	}
	*r = ExcerptReader{}
}
