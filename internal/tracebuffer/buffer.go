package tracebuffer

import (
	"unsafe"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// DefaultDictionaryBytes is the dictionary's cap where Options gives none.
const DefaultDictionaryBytes = 4 << 20

// Options bound a Buffer.
type Options struct {
	// DictionaryBytes is the cap of what repeated strings, resources and scopes may take together; 0 means
	// DefaultDictionaryBytes. Past it, they are stored with each span.
	DictionaryBytes int
}

// Buffer holds the encoded spans of many traces. Its methods are not safe for concurrent use: whoever shards traces over
// Buffers calls every method with the shard's lock held.
type Buffer struct {
	arena       arena
	generations generations
	encoder     encoder
	decoder     decoder
	raw         uint32 // counts groups that are not in the dictionary
	excerpts    uint32 // counts excerpts, see excerpt.go
}

// New makes an empty Buffer. Close it after use.
func New(o Options) *Buffer {
	if o.DictionaryBytes <= 0 {
		o.DictionaryBytes = DefaultDictionaryBytes
	}
	b := &Buffer{}
	b.generations.init(o.DictionaryBytes)
	b.encoder.generations = &b.generations
	return b
}

// Append adds a span to t. h must hold the span's own ids and time stamps: they are stored nowhere else. Nothing of the
// pdata is kept.
func (b *Buffer) Append(t *Trace, h Header, resource, scope Ref, span ptrace.Span) {
	if b.generations.full {
		b.generations.turn()
	}
	generation := b.generations.current.sequence
	if resource.generation != generation {
		resource = b.intern(resource.group)
	}
	if scope.generation != generation {
		scope = b.intern(scope.group)
	}
	if t.spans == 0 {
		b.generations.retain(t)
	}

	e := &b.encoder
	e.begin()
	control := uint8(generation & slotMask)
	if t.spans > 0 && t.generation == generation && t.resource == resource.id && t.scope == scope.id {
		control |= sameGroups
	} else {
		e.group(resource)
		e.group(scope)
		t.generation, t.resource, t.scope = generation, resource.id, scope.id
	}
	body, tail := len(e.buf), len(e.tail)
	e.span(span)
	if e.foreign {
		e.buf, e.tail, e.foreign = e.buf[:body], e.tail[:tail], false
		e.long = tailLength(e.tail)
		e.foreignSpan(span)
		control |= foreignBody
	}

	at := putHeader((*[headerReserve]byte)(e.buf), control, &h, t.start, len(e.buf)-headerReserve, e.long)
	t.start = h.Start
	t.spans++
	b.arena.write(t, e.buf[at:])
	if e.excerpt != nil {
		e.excerpt.record(e.buf[at:], e.tail)
	}
	for _, s := range e.tail {
		b.arena.writeString(t, s)
	}
	e.settle()
}

// begin makes room for a header.
func (e *encoder) begin() {
	if cap(e.buf) < headerReserve {
		e.buf = make([]byte, 0, 1024)
	}
	e.buf = e.buf[:headerReserve]
}

// group writes a reference to a resource or scope, or all of it.
func (e *encoder) group(r Ref) {
	if r.id < rawRef {
		e.refer(r.id)
		e.uvarint(uint64(r.id)<<1 | 1)
		return
	}
	text := r.group.text()
	e.uvarint(uint64(len(text)) << 1)
	e.bytes(text)
}

func tailLength(tail []string) (n int) {
	for _, s := range tail {
		n += len(s)
	}
	return n
}

// settle lets go of what the record pointed to.
func (e *encoder) settle() {
	if len(e.tail) > 0 {
		clear(e.tail)
		e.tail, e.long = e.tail[:0], 0
	}
	e.shrink()
}

// Free gives the memory of t back and makes it a trace without spans.
func (b *Buffer) Free(t *Trace) {
	if t.spans == 0 {
		return
	}
	b.arena.free(t)
	b.generations.leave(t)
	*t = Trace{}
}

// Bytes is all memory held: slabs in use or kept for reuse, dictionaries and tables.
func (b *Buffer) Bytes() int64 {
	tables := len(b.arena.slabs)*int(unsafe.Sizeof(slab{})) + cap(b.arena.regions.list)*int(unsafe.Sizeof(region{}))
	return b.arena.regions.bytes() + b.generations.bytes() + int64(tables+cap(b.encoder.buf))
}

// Close gives all memory back. Traces in the Buffer are lost; nothing may be put in any more. Closing again does nothing.
func (b *Buffer) Close() {
	b.arena.close()
	*b = Buffer{}
}
