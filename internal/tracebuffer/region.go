package tracebuffer

import "math/bits"

const (
	slabShift      = 16
	slabBytes      = 1 << slabShift
	slabsPerRegion = 16
	regionBytes    = slabsPerRegion * slabBytes
)

// region is a run of memory that slabs are cut from. The system gives the pages when they are first touched.
type region struct {
	memory []byte
	mapped bool   // memory is off the Go heap and must be unmapped
	clean  uint16 // bit per slab: never touched, or given back to the system
	busy   uint8  // slabs that hold pages: in use or idle
}

// regions hands out slabs and gives memory back: an empty slab stays with us while few are idle, then its pages go back
// to the system; a region whose slabs are all clean is unmapped. Slab n is slab n%16 of region n/16. Region 0 is never
// mapped, so that 0 is no slab.
type regions struct {
	list   []region
	idle   []uint32 // empty slabs that keep their pages, last in first out
	inUse  int
	lowest int // no region below has a clean slab
}

func (r *regions) slab(n uint32) *[slabBytes]byte {
	at := n % slabsPerRegion * slabBytes
	return (*[slabBytes]byte)(r.list[n/slabsPerRegion].memory[at : at+slabBytes])
}

// take returns the number of an empty slab, of any content.
func (r *regions) take() uint32 {
	r.inUse++
	if k := len(r.idle); k > 0 {
		n := r.idle[k-1]
		r.idle = r.idle[:k-1]
		return n
	}
	if len(r.list) == 0 {
		r.list = append(r.list, region{})
		r.lowest = 1
	}
	for r.lowest < len(r.list) && r.list[r.lowest].memory != nil && r.list[r.lowest].clean == 0 {
		r.lowest++
	}
	if r.lowest == len(r.list) {
		r.list = append(r.list, region{})
	}
	g := &r.list[r.lowest]
	if g.memory == nil {
		memory, mapped := mapMemory(regionBytes)
		*g = region{memory: memory, mapped: mapped, clean: 1<<slabsPerRegion - 1}
	}
	k := bits.TrailingZeros16(g.clean)
	g.clean &^= 1 << k
	g.busy++
	return uint32(r.lowest*slabsPerRegion + k)
}

// give takes an empty slab back.
func (r *regions) give(n uint32) {
	r.inUse--
	r.idle = append(r.idle, n)
	// Load comes in waves: keep some slabs, so that a wave finds its pages, but little enough that a burst's memory goes.
	for len(r.idle) > 2+r.inUse/8 {
		r.discard(r.idle[0])
		r.idle = append(r.idle[:0], r.idle[1:]...)
	}
}

func (r *regions) discard(n uint32) {
	at := int(n / slabsPerRegion)
	g := &r.list[at]
	k := n % slabsPerRegion
	g.clean |= 1 << k
	g.busy--
	r.lowest = min(r.lowest, at)
	if g.busy == 0 {
		r.unmap(at)
	} else if g.mapped {
		discardMemory(g.memory[k*slabBytes:][:slabBytes])
	}
}

func (r *regions) unmap(at int) {
	if g := &r.list[at]; g.mapped {
		unmapMemory(g.memory)
	}
	r.list[at] = region{}
}

// close gives all memory back.
func (r *regions) close() {
	for i := range r.list {
		r.unmap(i)
	}
	*r = regions{}
}

// bytes is the memory of the slabs that hold pages.
func (r *regions) bytes() int64 {
	return int64(r.inUse+len(r.idle)) * slabBytes
}
