package tracebuffer

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// tailBytes is the length from which strings and bytes are not staged but go straight to the end of the record.
const tailBytes = 4096

// encoder stages the encoded form of one span, resource or scope.
type encoder struct {
	buf  []byte
	tail []string // what goes behind buf, in order; it points into the pdata until it is written
	long int      // bytes of tail

	// generations is where repeated strings are looked up; nil for a Group, which must stand for itself: no references, no
	// tail.
	generations *generations
	foreign     bool // something that only protobuf can carry was met
	probe       *probe
	excerpt     *Excerpt // where records and the strings that they refer to are copied to; mostly nil
}

// Value heads are varints: type in the low three bits, above it an argument.
const (
	headOther = iota // argument: one of the others below
	headStr          // length; the bytes follow
	headRef          // reference of a string in the dictionary
	headInt          // the number, zigzag
	headMap          // number of pairs; they follow
	headSlice        // number of values; they follow
	headBytes        // length; the bytes follow

	otherEmpty  = headOther | 0<<3
	otherFalse  = headOther | 1<<3
	otherTrue   = headOther | 2<<3
	otherDouble = headOther | 3<<3 // 8 bytes follow
	otherInt    = headOther | 4<<3 // 8 bytes follow: a number too wide for a head
)

func (e *encoder) reset() {
	e.shrink()
	e.buf, e.foreign = e.buf[:0], false
}

// keepStaged is how much staging memory is kept for the next time.
const keepStaged = 64 << 10

// shrink lets go of memory that only a large span or resource needed.
func (e *encoder) shrink() {
	if cap(e.buf) > keepStaged {
		e.buf = nil
	}
}

func (e *encoder) uvarint(v uint64) {
	switch {
	case v < 0x80:
		e.buf = append(e.buf, byte(v))
	case v < 1<<14:
		e.buf = append(e.buf, byte(v)|0x80, byte(v>>7))
	default:
		e.buf = binary.AppendUvarint(e.buf, v)
	}
}

func (e *encoder) fixed64(v uint64) { e.buf = binary.LittleEndian.AppendUint64(e.buf, v) }

// str writes a string and returns its reference, 0 where it is raw.
func (e *encoder) str(s string) uint32 {
	var ref uint32
	if e.generations != nil && len(s) >= shortest && len(s) <= longest {
		ref = e.generations.str(s)
	}
	e.reference(s, ref)
	return ref
}

// reference writes a varint whose lowest bit tells a reference from a length, which the bytes follow.
func (e *encoder) reference(s string, ref uint32) {
	if ref != 0 {
		e.refer(ref)
		e.uvarint(uint64(ref)<<1 | 1)
		return
	}
	e.uvarint(uint64(len(s)) << 1)
	e.bytes(s)
}

// refer has the excerpt, if there is one, take in the string of a reference.
func (e *encoder) refer(ref uint32) {
	if e.excerpt != nil {
		e.excerpt.refer(e.generations.current, ref)
	}
}

// bytes writes the bytes of a string whose length is written.
func (e *encoder) bytes(s string) {
	if len(s) >= tailBytes && e.generations != nil {
		e.tail = append(e.tail, s)
		e.long += len(s)
		return
	}
	e.buf = append(e.buf, s...)
}

// attributes writes the number of pairs and the pairs. owner is the reference of the name of what has them.
func (e *encoder) attributes(m pcommon.Map, owner uint32) {
	e.uvarint(uint64(m.Len()))
	e.pairs(m, owner)
}

func (e *encoder) pairs(m pcommon.Map, owner uint32) {
	key := owner
	for k, v := range m.All() {
		if k == "" {
			e.foreign = true // the key may be an index
		}
		if e.generations != nil {
			key = e.generations.key(k, key)
		}
		e.reference(k, key)
		e.value(v, key)
	}
}

// value writes a value of the key with this reference.
func (e *encoder) value(v pcommon.Value, key uint32) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		e.strValue(v.Str(), key)
	case pcommon.ValueTypeInt:
		if u := zigzag(v.Int()); u < 1<<61 {
			e.uvarint(u<<3 | headInt)
		} else {
			e.buf = append(e.buf, otherInt)
			e.fixed64(u)
		}
	case pcommon.ValueTypeDouble:
		e.buf = append(e.buf, otherDouble)
		e.fixed64(math.Float64bits(v.Double()))
	case pcommon.ValueTypeBool:
		if v.Bool() {
			e.buf = append(e.buf, otherTrue)
		} else {
			e.buf = append(e.buf, otherFalse)
		}
	case pcommon.ValueTypeMap:
		e.nestedMap(v.Map())
	case pcommon.ValueTypeSlice:
		e.nestedSlice(v.Slice())
	case pcommon.ValueTypeBytes:
		e.byteSlice(v.Bytes())
	default:
		e.buf = append(e.buf, otherEmpty)
		e.foreign = e.foreign || e.foreignValue(v)
	}
}

func (e *encoder) strValue(s string, key uint32) {
	if e.generations != nil {
		if ref := e.generations.value(s, key); ref != 0 {
			e.refer(ref)
			e.uvarint(uint64(ref)<<3 | headRef)
			return
		}
	}
	e.uvarint(uint64(len(s))<<3 | headStr)
	e.bytes(s)
}

func (e *encoder) nestedMap(m pcommon.Map) {
	if m == (pcommon.Map{}) { // what Value.Map returns for a map value without a map
		e.buf = append(e.buf, headMap)
		return
	}
	e.uvarint(uint64(m.Len())<<3 | headMap)
	e.pairs(m, 0)
}

func (e *encoder) nestedSlice(s pcommon.Slice) {
	if s == (pcommon.Slice{}) {
		e.buf = append(e.buf, headSlice)
		return
	}
	n := s.Len()
	e.uvarint(uint64(n)<<3 | headSlice)
	for i := range n {
		e.value(s.At(i), 0)
	}
}

// byteSlice copies byte by byte where that is cheaper than an allocation: pdata has no other way to the bytes.
func (e *encoder) byteSlice(s pcommon.ByteSlice) {
	n := s.Len()
	e.uvarint(uint64(n)<<3 | headBytes)
	if n > 256 {
		raw := s.AsRaw()
		e.bytes(unsafe.String(unsafe.SliceData(raw), n))
		return
	}
	e.buf = slices.Grow(e.buf, n)
	for _, c := range s.All() {
		e.buf = append(e.buf, c)
	}
}
