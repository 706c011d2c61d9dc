package snapshot

import "encoding/binary"

// MaxExemplars is how many trace ids a group keeps of each sort.
const MaxExemplars = 3

// ExemplarHash orders traces at random, but the same in every collector: a group keeps those with the lowest hashes, so that
// the samples of two parts of a window make a sample of the whole. It is the finaliser of MurmurHash3 (Appleby) over both
// halves of the id.
func ExemplarHash(id [16]byte) uint64 {
	x := binary.BigEndian.Uint64(id[:8])*0x9E3779B97F4A7C15 ^ binary.BigEndian.Uint64(id[8:])
	x ^= x >> 33
	x *= 0xFF51AFD7ED558CCD
	x ^= x >> 33
	x *= 0xC4CEB9FE1A85EC53
	return x ^ x>>33
}
