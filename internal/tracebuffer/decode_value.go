package tracebuffer

import (
	"encoding/binary"
	"math"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/xpdata"
)

// decoder reads one encoded span, resource or scope. Raw strings of what it decodes share the memory of s, those from the
// dictionary share the dictionary's. It reads only what encoder wrote, so it checks nothing.
type decoder struct {
	s  string
	at int

	generation *dictionary // nil for a Group
	tail       *reader     // where what did not fit the body is; nil for a Group

	maps  []*xpdata.MapBuilder // one for each level of nesting, reused
	depth int
}

func (d *decoder) byte() uint8 {
	c := d.s[d.at]
	d.at++
	return c
}

func (d *decoder) copy(dst []byte) { d.at += copy(dst, d.s[d.at:]) }

func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := uint(0); ; shift += 7 {
		c := d.s[d.at]
		d.at++
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

func (d *decoder) fixed64() uint64 {
	v := binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(d.s[d.at:d.at+8]), 8))
	d.at += 8
	return v
}

func (d *decoder) str() string {
	head := d.uvarint()
	if head&1 != 0 {
		return d.generation.string(uint32(head >> 1))
	}
	return d.bytes(int(head >> 1))
}

func (d *decoder) bytes(n int) string {
	if n >= tailBytes && d.tail != nil {
		return d.tail.take(n)
	}
	s := d.s[d.at : d.at+n]
	d.at += n
	return s
}

func (d *decoder) attributes(m pcommon.Map) {
	if n := int(d.uvarint()); n > 0 {
		d.pairs(m, n)
	}
}

// pairs builds a map by appending: Map's own Put would drop repeated keys and search for each.
func (d *decoder) pairs(m pcommon.Map, n int) {
	if d.depth == len(d.maps) {
		d.maps = append(d.maps, new(xpdata.MapBuilder))
	}
	to := d.maps[d.depth]
	d.depth++
	to.EnsureCapacity(n)
	for range n {
		k := d.str()
		d.value(to.AppendEmpty(k))
	}
	d.depth--
	to.UnsafeIntoMap(m)
}

func (d *decoder) value(v pcommon.Value) {
	head := d.uvarint()
	switch arg := head >> 3; head & 7 {
	case headStr:
		v.SetStr(d.bytes(int(arg)))
	case headRef:
		v.SetStr(d.generation.string(uint32(arg)))
	case headInt:
		v.SetInt(unzigzag(arg))
	case headMap:
		d.pairs(v.SetEmptyMap(), int(arg))
	case headSlice:
		s := v.SetEmptySlice()
		s.EnsureCapacity(int(arg))
		for range arg {
			d.value(s.AppendEmpty())
		}
	case headBytes:
		s := d.bytes(int(arg))
		v.SetEmptyBytes().FromRaw(unsafe.Slice(unsafe.StringData(s), len(s)))
	default:
		d.other(v, head)
	}
}

func (d *decoder) other(v pcommon.Value, head uint64) {
	switch head {
	case otherFalse:
		v.SetBool(false)
	case otherTrue:
		v.SetBool(true)
	case otherDouble:
		v.SetDouble(math.Float64frombits(d.fixed64()))
	case otherInt:
		v.SetInt(unzigzag(d.fixed64()))
	}
}
