package tracesketch

import "github.com/cespare/xxhash/v2"

// Operation identifies what a span does: a hash of its service, its normalised name and its kind. It is stable across
// processes and restarts, so learned state can be saved and compared. Zero is no operation.
type Operation uint64

// UnknownOperation is the parent operation of a span whose parent has not arrived; it is told apart from "no parent".
const UnknownOperation Operation = 1

// NewOperation hashes the parts of an operation. The name is taken as it is: see NormalizeName.
func NewOperation(service, name string, kind int32, attributes ...string) Operation {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(service)
	_, _ = d.Write([]byte{0, byte(kind)})
	_, _ = d.WriteString(name)
	for _, a := range attributes {
		_, _ = d.Write([]byte{0})
		_, _ = d.WriteString(a)
	}
	if h := Operation(d.Sum64()); h > UnknownOperation {
		return h
	}
	return UnknownOperation + 1
}

// Path identifies an execution path: the set of distinct (parent operation -> operation) edges of a trace.
type Path uint64

// edge hashes one step of a path.
func edge(parent, child Operation) uint64 {
	return mix(uint64(parent)*0x9E3779B97F4A7C15 ^ mix(uint64(child)))
}

// mix is the finaliser of MurmurHash3 (Appleby), a bijection that spreads every input bit over all output bits.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xFF51AFD7ED558CCD
	x ^= x >> 33
	x *= 0xC4CEB9FE1A85EC53
	return x ^ x>>33
}
