// Package statecodec writes values as bytes and reads them back by the same calls, so that the two directions cannot differ.
package statecodec

import (
	"encoding/binary"
	"errors"
	"math"
)

// ErrMalformed says that bytes are not what the calls expect.
var ErrMalformed = errors.New("malformed state")

// Codec is a writer or a reader. The first error of a reader stays; from then on it reads zeroes.
type Codec struct {
	bytes   []byte // written so far, or left to read
	reading bool
	err     error
}

// Writer appends to b, which may be nil.
func Writer(b []byte) *Codec { return &Codec{bytes: b} }

// Reader reads b, and keeps no part of it.
func Reader(b []byte) *Codec { return &Codec{bytes: b, reading: true} }

// Reading tells the direction.
func (c *Codec) Reading() bool { return c.reading }

// Bytes are those written so far, or those left to read.
func (c *Codec) Bytes() []byte { return c.bytes }

// Err is the first error of a reader.
func (c *Codec) Err() error { return c.err }

// Fail has a reader fail: a value is out of range.
func (c *Codec) Fail() {
	if c.err == nil {
		c.err, c.bytes = ErrMalformed, nil
	}
}

// take returns the next n bytes of a reader; nil where there are fewer.
func (c *Codec) take(n int) []byte {
	if c.err != nil || len(c.bytes) < n {
		c.Fail()
		return nil
	}
	b := c.bytes[:n]
	c.bytes = c.bytes[n:]
	return b
}

// Uint64 is eight bytes: for hashes.
func (c *Codec) Uint64(v *uint64) {
	if !c.reading {
		c.bytes = binary.LittleEndian.AppendUint64(c.bytes, *v)
		return
	}
	*v = 0
	if b := c.take(8); b != nil {
		*v = binary.LittleEndian.Uint64(b)
	}
}

// Int is a number of one to ten bytes; a reader fails where it is outside of least to most.
func (c *Codec) Int(v *int64, least, most int64) {
	if !c.reading {
		c.bytes = binary.AppendVarint(c.bytes, *v)
		return
	}
	n, size := binary.Varint(c.bytes)
	if c.err != nil || size <= 0 || n < least || n > most {
		c.Fail()
		*v = max(0, least)
		return
	}
	*v, c.bytes = n, c.bytes[size:]
}

// Int32 is Int for an int32.
func (c *Codec) Int32(v *int32, least, most int32) {
	n := int64(*v)
	c.Int(&n, int64(least), int64(most))
	*v = int32(n)
}

// Len is the length of what follows. A reader fails where it is more than most, or cannot be there for each element takes a byte at least.
func (c *Codec) Len(n, most int) int {
	v := int64(n)
	c.Int(&v, 0, int64(most))
	if c.reading && v > int64(len(c.bytes)) {
		c.Fail()
		return 0
	}
	return int(v)
}

// More is one byte that tells whether another element follows. It lets a writer go on without knowing how many there will be.
func (c *Codec) More(more bool) bool {
	n := int64(0)
	if more {
		n = 1
	}
	c.Int(&n, 0, 1)
	return n == 1
}

// Sparse writes counts without those that are 0, or reads them; all other elements of to are 0 then.
func (c *Codec) Sparse(to []float64) {
	for at := 0; ; {
		next := at
		for !c.reading && next < len(to) && to[next] == 0 {
			next++
		}
		skip := int64(next - at)
		c.Int(&skip, 0, int64(len(to)-at))
		clear(to[at : at+int(skip)])
		if at += int(skip); at == len(to) || c.err != nil {
			return
		}
		c.Float64(&to[at], false)
		at++
	}
}

// Float64 is eight bytes. A reader fails where it is not a number, infinite or negative, unless signed.
func (c *Codec) Float64(v *float64, signed bool) {
	b := math.Float64bits(*v)
	c.Uint64(&b)
	*v = math.Float64frombits(b)
	if c.reading && (math.IsNaN(*v) || math.IsInf(*v, 0) || *v < 0 && !signed) {
		c.Fail()
		*v = 0
	}
}

// Count32 is a count of four bytes. A reader fails where it is not a number, infinite or negative.
func (c *Codec) Count32(v *float32) {
	if !c.reading {
		c.bytes = binary.LittleEndian.AppendUint32(c.bytes, math.Float32bits(*v))
		return
	}
	*v = 0
	if b := c.take(4); b != nil {
		*v = math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
	if f := float64(*v); math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
		c.Fail()
		*v = 0
	}
}

// String is a length and so many bytes, at most most.
func (c *Codec) String(v *string, most int) {
	n := c.Len(len(*v), most)
	if !c.reading {
		c.bytes = append(c.bytes, *v...)
		return
	}
	*v = string(c.take(n))
}
