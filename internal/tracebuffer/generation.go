package tracebuffer

import "hash/maphash"

const (
	maxGenerations = 8 // alive at once; a power of two, its number fits a record's control byte

	// Strings shorter than shortest cost no more raw than as a reference; longer than longest they are seldom repeated.
	shortest = 3
	longest  = 1024

	doorSlots = 8192
)

// generations is the dictionary of a Buffer. References into it are not counted one by one: a generation takes new strings
// until it has reached its share of the cap, then the next one starts; records refer to the generation that was current when
// they were written. A trace counts towards the generation of its first record, which is its oldest. So a generation can go
// as soon as it is not the current one and no trace counts towards it or an older one:
//
//	seq   4        5        6        7 = current
//	    [   ]    [ 3 ]    [ 0 ]    [ 9 ]      traces that count towards it
//	    gone     oldest   waits for 5
//
// With maxGenerations alive and the current one full, new strings are refused and stay raw in their records.
type generations struct {
	ring    [maxGenerations]generation // by sequence number modulo maxGenerations
	current *generation
	oldest  uint32 // sequence number of the oldest one alive
	share   int    // bytes a generation may hold
	held    int    // bytes of those before the current one
	full    bool   // a string was refused for want of room: rotate between two records
	door    []uint16
}

type generation struct {
	dictionary
	sequence uint32
	traces   int
	excerpts []uint32 // by reference: number of the last excerpt that has the string
}

// init readies g, which must not be copied afterwards.
func (g *generations) init(bytes int) {
	*g = generations{share: bytes / maxGenerations, door: make([]uint16, doorSlots), oldest: 1}
	g.start(1)
}

func (g *generations) start(sequence uint32) {
	at := &g.ring[sequence%maxGenerations]
	*at = generation{sequence: sequence}
	at.chunk = min(max(g.share/8, 512), 1<<chunkShift)
	at.grow()
	g.current = at
}

// str returns the reference of s in the current generation, 0 where it is to be written raw. Strings come in at their
// second sight, so that unique values do not fill the dictionary.
func (g *generations) str(s string) uint32 {
	hash := maphash.String(seed, s)
	if id := g.current.find(s, hash); id != 0 {
		return id
	}
	mark := uint16(hash>>16) | 1
	if seen := &g.door[hash%doorSlots]; *seen != mark {
		*seen = mark
		return 0
	}
	return g.admit(s, hash)
}

// key returns the reference of a key that comes after the string before (0: after none that has a reference).
func (g *generations) key(k string, before uint32) uint32 {
	d := &g.current.dictionary
	if id := d.entries[before].next; id != 0 && d.is(id, k) {
		return id
	}
	if len(k) < shortest || len(k) > longest {
		return 0
	}
	id := g.str(k)
	if id != 0 {
		d.entries[before].next = id
	}
	return id
}

// A key whose values are found less than once in reward times loses patience: only one of its values in sixteen is looked
// up, until they are found again.
const (
	patience = 48
	reward   = 8
)

// A key is wide once it has put that many values into a generation: client addresses, paths with ids. Finding one among
// thousands takes several cache misses, more than copying a short value does, so from then on short values stay raw. Longer
// ones are worth it: a reference saves their bytes.
const (
	wide      = 512
	wideShort = 48
)

// value returns the reference of a value of the key (0: of a key without reference).
func (g *generations) value(v string, key uint32) uint32 {
	if len(v) < shortest || len(v) > longest {
		return 0
	}
	d := &g.current.dictionary
	e := &d.entries[key]
	if e.values >= wide && len(v) <= wideShort {
		return 0
	}
	if e.misses >= patience {
		if e.misses++; e.misses < patience+16 {
			return 0
		}
		e.misses = patience
	}
	if e.value != 0 && d.is(e.value, v) {
		return e.value
	}
	known := len(d.entries)
	id := g.str(v)
	e = &d.entries[key] // the table may have grown
	if len(d.entries) > known && e.values < wide {
		e.values++
	}
	if id != 0 {
		e.value, e.misses = id, max(e.misses, reward)-reward
	} else if e.misses < patience {
		e.misses++
	}
	return id
}

// group returns the reference of an encoded resource or scope in the current generation, 0 where there is no room.
func (g *generations) group(s string, hash uint64) uint32 {
	if id := g.current.find(s, hash); id != 0 {
		return id
	}
	return g.admit(s, hash)
}

func (g *generations) admit(s string, hash uint64) uint32 {
	if len(s) > g.share/4 {
		return 0
	}
	if g.current.held+g.current.cost(s) > g.share {
		g.full = true
		return 0
	}
	return g.current.add(s, hash)
}

// turn starts a generation where the current one is full, unless the most are alive. It is called between two records,
// because a record refers to one generation.
func (g *generations) turn() {
	g.full = false
	g.release()
	next := g.current.sequence + 1
	if next-g.oldest == maxGenerations {
		return
	}
	g.held += g.current.held
	g.start(next)
}

// release drops the generations that no trace can refer to.
func (g *generations) release() {
	for ; g.oldest != g.current.sequence; g.oldest++ {
		at := &g.ring[g.oldest%maxGenerations]
		if at.traces > 0 {
			return
		}
		g.held -= at.held
		*at = generation{}
	}
}

func (g *generations) retain(t *Trace) {
	t.oldest = g.current.sequence
	g.current.traces++
}

// leave is for a trace that is freed.
func (g *generations) leave(t *Trace) {
	at := &g.ring[t.oldest%maxGenerations]
	at.traces--
	if at.traces == 0 {
		g.release()
	}
}

func (g *generations) bytes() int64 {
	if g.current == nil { // closed
		return 0
	}
	return int64(g.held + g.current.held + 2*len(g.door))
}
