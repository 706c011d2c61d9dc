package traffic

import "math/bits"

// draws is a sequence of 64-bit numbers that look random: SplitMix64.
type draws uint64

const golden = 0x9E3779B97F4A7C15

func (d *draws) next() uint64 {
	*d += golden
	return mix(uint64(*d))
}

// mix is the output function of SplitMix64, a bijection.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// below draws a number less than n, which is not zero: the high half of a product, as in Lemire (2019) without the
// rejection, whose bias is below n/2^64.
func (d *draws) below(n uint64) uint64 {
	high, _ := bits.Mul64(d.next(), n)
	return high
}

// chance draws an event of a probability in units of 2^-32.
func (d *draws) chance(p share) bool { return d.next()>>32 < uint64(p) }

// share is a probability from 0 to 1 in units of 2^-32.
type share uint64

func newShare(p float64) share { return share(p * (1 << 32)) }
