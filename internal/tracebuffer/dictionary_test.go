package tracebuffer

import (
	"hash/maphash"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Strings get distinct numbers and are found again; what the dictionary says it holds is what it holds.
func TestDictionaryProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := dictionary{chunk: rapid.SampledFrom([]int{512, 1 << chunkShift}).Draw(r, "chunk")}
		d.grow()
		ids := map[string]uint32{}
		hash := func(s string) uint64 { return maphash.String(seed, s) }
		if rapid.Bool().Draw(r, "bad hash") {
			hash = func(s string) uint64 { return uint64(len(s) % 2) }
		}
		for _, s := range rapid.SliceOfDistinct(anyString, rapid.ID[string]).Draw(r, "strings") {
			if s == "" {
				continue
			}
			require.Zero(r, d.find(s, hash(s)))
			held := d.held
			cost := d.cost(s)
			ids[s] = d.add(s, hash(s))
			require.Equal(r, held+cost, d.held)
		}
		seen := map[uint32]bool{0: true}
		for s, id := range ids {
			require.False(r, seen[id])
			seen[id] = true
			require.Equal(r, s, d.string(id))
			if len(d.slots) == minSlots { // growing hashes anew, and properly
				require.Equal(r, id, d.find(s, hash(s)))
			}
		}
		held := len(d.slots)*slotBytes + cap(d.entries)*entryBytes
		for _, chunk := range d.text {
			held += len(chunk)
		}
		require.Equal(r, held, d.held)
		require.LessOrEqual(r, 2*len(d.entries), len(d.slots))
	})
}

func TestDictionaryGrows(t *testing.T) {
	d := dictionary{chunk: 512}
	d.grow()
	text := func(i int) string { return string([]byte{byte(i), byte(i >> 8), 'x', 'y'}) }
	hash := func(s string) uint64 { return maphash.String(seed, s) }
	for i := range 10_000 {
		require.Equal(t, uint32(i+1), d.add(text(i), hash(text(i))))
	}
	for i := range 10_000 {
		require.Equal(t, uint32(i+1), d.find(text(i), hash(text(i))))
		require.Equal(t, text(i), d.string(uint32(i+1)))
	}
}
