package tracebuffer

import (
	"hash/maphash"
	"unsafe"
)

// seed is of this process and never changes, so that a Group can be hashed before it is known which Buffers it goes to.
var seed = maphash.MakeSeed()

const (
	chunkShift = 15 // no string starts further into a chunk
	minSlots   = 64
	slotBytes  = int(unsafe.Sizeof(slot{}))
	entryBytes = int(unsafe.Sizeof(entry{}))
)

// dictionary numbers strings from 1 on. It is open addressing over slots that hold a part of the hash and the number;
// the text lies in chunks, so that the garbage collector sees a handful of chunks and not every string. Text is never
// overwritten: strings handed out stay valid for as long as anyone holds them.
//
//	slots  [tag|id] . . [tag|id] .        entries  [chunk and offset, length] ...        text  [chunk][chunk]...
type dictionary struct {
	slots   []slot  // a power of two, at most half full
	entries []entry // by id; 0 has no string, only guesses: of what comes first
	text    [][]byte
	chunk   int // size of a chunk; a longer string gets one of its own
	used    int // bytes used of the last chunk
	held    int // bytes of slots, entries and text
}

type slot struct {
	tag, id uint32 // id 0: vacant
}

type entry struct {
	at, size uint32 // at: chunk number and offset in it
	guess           // what came after this string
}

// guess is what may follow a string, learned from the last time: the next key after a key or name, and the value of a key.
// Spans of one operation are so alike that a comparison mostly saves hashing and looking up. 0 is no guess.
type guess struct {
	next, value uint32
	values      uint16 // of this key that were put in, at most wide
	misses      uint8  // values of this key that were not in the dictionary, less reward for each that was
}

// string returns the string of an id, which shares the dictionary's memory.
func (d *dictionary) string(id uint32) string {
	e := &d.entries[id]
	return unsafe.String(&d.text[e.at>>chunkShift][e.at&(1<<chunkShift-1)], int(e.size))
}

// is tells whether id is that of s. It looks at the length first, which mostly saves fetching the text of a wrong guess.
func (d *dictionary) is(id uint32, s string) bool {
	e := &d.entries[id]
	return int(e.size) == len(s) && unsafe.String(&d.text[e.at>>chunkShift][e.at&(1<<chunkShift-1)], len(s)) == s
}

// find returns the id of s, 0 where it is not in.
func (d *dictionary) find(s string, hash uint64) uint32 {
	mask := uint32(len(d.slots) - 1)
	tag := uint32(hash >> 32)
	for i := uint32(hash) & mask; ; i = (i + 1) & mask {
		at := d.slots[i]
		if at.id == 0 {
			return 0
		}
		if at.tag == tag && d.is(at.id, s) {
			return at.id
		}
	}
}

// cost is how many bytes the dictionary would grow by with s.
func (d *dictionary) cost(s string) int {
	n := 0
	if len(d.entries) == cap(d.entries) {
		n += cap(d.entries) * (entryBytes + 2*slotBytes)
	}
	if !d.fits(s) {
		n += max(d.chunk, len(s))
	}
	return n
}

// fits tells whether s fits the last chunk.
func (d *dictionary) fits(s string) bool {
	return len(d.text) > 0 && d.used+len(s) <= len(d.text[len(d.text)-1])
}

// add puts in s, which is not in and not empty, and returns its id.
func (d *dictionary) add(s string, hash uint64) uint32 {
	if len(d.entries) == cap(d.entries) {
		d.grow()
	}
	if !d.fits(s) {
		size := max(d.chunk, len(s))
		d.text, d.used = append(d.text, make([]byte, size)), 0
		d.held += size
	}
	last := len(d.text) - 1
	copy(d.text[last][d.used:], s)
	id := uint32(len(d.entries))
	d.entries = append(d.entries, entry{at: uint32(last<<chunkShift | d.used), size: uint32(len(s))})
	d.used += len(s)
	d.insert(slot{tag: uint32(hash >> 32), id: id}, uint32(hash))
	return id
}

func (d *dictionary) insert(s slot, hash uint32) {
	mask := uint32(len(d.slots) - 1)
	i := hash & mask
	for d.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	d.slots[i] = s
}

// grow doubles entries and slots.
func (d *dictionary) grow() {
	slots := max(minSlots, 2*len(d.slots))
	entries := make([]entry, max(1, len(d.entries)), slots/2)
	copy(entries, d.entries)
	d.held += (slots - len(d.slots)) * slotBytes
	d.held += (cap(entries) - cap(d.entries)) * entryBytes
	d.entries, d.slots = entries, make([]slot, slots)
	for id := uint32(1); int(id) < len(entries); id++ {
		hash := maphash.String(seed, d.string(id))
		d.insert(slot{tag: uint32(hash >> 32), id: id}, uint32(hash))
	}
}
