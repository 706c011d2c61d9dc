package tracebuffer

import "encoding/binary"

const (
	unitShift    = 4 // a blockRef counts in units of 16 bytes
	unitsPerSlab = slabBytes >> unitShift
	maxSlabs     = 1<<32/unitsPerSlab - 1
	noUnit       = 0xffff
	linkBytes    = 4 // a block starts with the blockRef of the next one
)

// blockSizes are the sizes that slabs are cut into, each a multiple of the unit. Steps of 1.5 and 1.33 keep a trace of one
// span near its own size; 32 KiB holds long strings in few pieces.
var blockSizes = [...]uint32{64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192, 16384, 32768}

const largestBlock = 32768

// classOf maps a size in units (rounded up) to the smallest class that holds it, for the sizes up to 4 KiB.
var classOf = func() (t [4096>>unitShift + 1]uint8) {
	c := 0
	for units := range t {
		for blockSizes[c] < uint32(units)<<unitShift {
			c++
		}
		t[units] = uint8(c)
	}
	return t
}()

// class is the smallest class of at least n bytes, or the largest class.
func class(n int) uint8 {
	if n <= 4096 {
		return classOf[(n+1<<unitShift-1)>>unitShift]
	}
	for c := uint8(len(blockSizes) - 4); ; c++ {
		if int(c) == len(blockSizes)-1 || int(blockSizes[c]) >= n {
			return c
		}
	}
}

// blockRef addresses a block: slab number and unit in the slab. 0 is no block.
type blockRef uint32

// slab is the state of one slab in use: how many blocks of which class are out, and where the free ones are.
//
//	|block|block|free |block|free | ... never used ... |
//	             ^free-------^     ^fresh
type slab struct {
	memory     *[slabBytes]byte
	next, prev uint32 // the list of slabs of this class that have a free block
	free       uint16 // unit of the first freed block, which holds the unit of the next one; noUnit at the end
	fresh      uint16 // unit of the first block never used
	used       uint16
	class      uint8
}

func (s *slab) full() bool {
	return s.free == noUnit && uint32(s.fresh)+blockSizes[s.class]>>unitShift > unitsPerSlab
}

// arena allocates blocks.
type arena struct {
	regions regions
	slabs   []slab                  // by slab number
	open    [len(blockSizes)]uint32 // first slab of the class that has a free block
}

// block is the memory of a block, link included.
func (a *arena) block(ref blockRef) []byte {
	s := &a.slabs[ref/unitsPerSlab]
	at := uint32(ref) % unitsPerSlab << unitShift
	return s.memory[at : at+blockSizes[s.class]]
}

// alloc returns a block of the class; its link is 0, the rest is of any content.
func (a *arena) alloc(class uint8) blockRef {
	n := a.open[class]
	if n == 0 {
		n = a.regions.take()
		if n > maxSlabs {
			panic("tracebuffer: more than 64 GiB in one Buffer; it should have been emptied long before")
		}
		for int(n) >= len(a.slabs) {
			a.slabs = append(a.slabs, slab{})
		}
		a.slabs[n] = slab{memory: a.regions.slab(n), free: noUnit, class: class}
		a.link(n)
	}
	s := &a.slabs[n]
	unit := s.free
	if unit != noUnit {
		s.free = binary.LittleEndian.Uint16(s.memory[uint32(unit)<<unitShift&(slabBytes-1):])
	} else {
		unit = s.fresh
		s.fresh += uint16(blockSizes[class] >> unitShift)
	}
	s.used++
	if s.full() {
		a.unlink(n)
	}
	binary.LittleEndian.PutUint32(s.memory[uint32(unit)<<unitShift&(slabBytes-1):], 0)
	return blockRef(n*unitsPerSlab + uint32(unit))
}

func (a *arena) release(ref blockRef) {
	n := uint32(ref / unitsPerSlab)
	s := &a.slabs[n]
	full := s.full()
	s.used--
	if s.used == 0 {
		if !full {
			a.unlink(n)
		}
		s.memory = nil
		a.regions.give(n)
		return
	}
	unit := uint16(ref % unitsPerSlab)
	binary.LittleEndian.PutUint16(s.memory[uint32(unit)<<unitShift&(slabBytes-1):], s.free)
	s.free = unit
	if full {
		a.link(n)
	}
}

// link puts slab n at the head of its class's list.
func (a *arena) link(n uint32) {
	s := &a.slabs[n]
	s.prev, s.next = 0, a.open[s.class]
	if s.next != 0 {
		a.slabs[s.next].prev = n
	}
	a.open[s.class] = n
}

func (a *arena) unlink(n uint32) {
	s := &a.slabs[n]
	if s.prev != 0 {
		a.slabs[s.prev].next = s.next
	} else {
		a.open[s.class] = s.next
	}
	if s.next != 0 {
		a.slabs[s.next].prev = s.prev
	}
	s.next, s.prev = 0, 0
}

func (a *arena) close() {
	a.regions.close()
	*a = arena{}
}
