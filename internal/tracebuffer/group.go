package tracebuffer

import (
	"hash/maphash"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"
)

// Group is a resource or a scope in encoded form. It is encoded once a batch, without any lock, and then interned in each
// Buffer that spans of it go to. The zero value is ready; setting it again reuses its memory. It keeps nothing of the pdata.
type Group struct {
	encoder encoder
	hash    uint64
}

// SetResource encodes attributes, dropped count, entity references and schema URL of a resource.
func (g *Group) SetResource(rs ptrace.ResourceSpans) {
	e := &g.encoder
	e.reset()
	e.resource(rs)
	if e.foreign {
		e.reset()
		e.foreignResource(rs)
	}
	g.finish()
}

// SetScope encodes name, version, attributes, dropped count and schema URL of a scope.
func (g *Group) SetScope(ss ptrace.ScopeSpans) {
	e := &g.encoder
	e.reset()
	e.scope(ss)
	if e.foreign {
		e.reset()
		e.foreignScope(ss)
	}
	g.finish()
}

func (g *Group) finish() {
	g.hash = maphash.Bytes(seed, g.encoder.buf)
}

// text is the encoded form; it shares the Group's memory.
func (g *Group) text() string {
	return unsafe.String(unsafe.SliceData(g.encoder.buf), len(g.encoder.buf))
}

// Ref is a Group in one Buffer. It may be used for as long as the Group is not set anew; it is cheapest within the lock
// hold in which it was made.
type Ref struct {
	group      *Group
	generation uint32
	id         uint32 // in the generation, or from rawRef on where there was no room
}

// rawRef is the first of the ids that tell groups apart which are not in the dictionary.
const rawRef = 1 << 31

// Resource interns an encoded resource.
func (b *Buffer) Resource(g *Group) Ref { return b.intern(g) }

// Scope interns an encoded scope.
func (b *Buffer) Scope(g *Group) Ref { return b.intern(g) }

func (b *Buffer) intern(g *Group) Ref {
	id := b.generations.group(g.text(), g.hash)
	if id == 0 {
		b.raw++
		id = rawRef | b.raw
	}
	return Ref{group: g, generation: b.generations.current.sequence, id: id}
}

const (
	ownGroup     = 0 // first byte of a Group: encoded here
	foreignGroup = 1 // OTLP protobuf
)

func (e *encoder) resource(rs ptrace.ResourceSpans) {
	e.buf = append(e.buf, ownGroup)
	e.str(rs.SchemaUrl())
	e.uvarint(uint64(rs.Resource().DroppedAttributesCount()))
	e.attributes(rs.Resource().Attributes(), 0)
	refs := entity.ResourceEntityRefs(rs.Resource())
	e.uvarint(uint64(refs.Len()))
	for _, r := range refs.All() {
		e.str(r.SchemaUrl())
		e.str(r.Type())
		e.strings(r.IdKeys())
		e.strings(r.DescriptionKeys())
	}
}

func (e *encoder) strings(s pcommon.StringSlice) {
	e.uvarint(uint64(s.Len()))
	for _, k := range s.All() {
		e.str(k)
	}
}

func (e *encoder) scope(ss ptrace.ScopeSpans) {
	e.buf = append(e.buf, ownGroup)
	e.str(ss.SchemaUrl())
	e.str(ss.Scope().Name())
	e.str(ss.Scope().Version())
	e.uvarint(uint64(ss.Scope().DroppedAttributesCount()))
	e.attributes(ss.Scope().Attributes(), 0)
}

func (d *decoder) resource(rs ptrace.ResourceSpans) {
	if d.byte() == foreignGroup {
		d.foreignResource(rs)
		return
	}
	rs.SetSchemaUrl(d.str())
	rs.Resource().SetDroppedAttributesCount(uint32(d.uvarint()))
	d.attributes(rs.Resource().Attributes())
	refs := entity.ResourceEntityRefs(rs.Resource())
	n := int(d.uvarint())
	refs.EnsureCapacity(n)
	for range n {
		r := refs.AppendEmpty()
		r.SetSchemaUrl(d.str())
		r.SetType(d.str())
		d.strings(r.IdKeys())
		d.strings(r.DescriptionKeys())
	}
}

func (d *decoder) strings(s pcommon.StringSlice) {
	n := int(d.uvarint())
	s.EnsureCapacity(n)
	for range n {
		s.Append(d.str())
	}
}

func (d *decoder) scope(ss ptrace.ScopeSpans) {
	if d.byte() == foreignGroup {
		d.foreignScope(ss)
		return
	}
	ss.SetSchemaUrl(d.str())
	ss.Scope().SetName(d.str())
	ss.Scope().SetVersion(d.str())
	ss.Scope().SetDroppedAttributesCount(uint32(d.uvarint()))
	d.attributes(ss.Scope().Attributes())
}
