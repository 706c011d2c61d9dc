package tracebuffer

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestClassIsTheSmallestThatFits(t *testing.T) {
	for n := 1; n <= largestBlock; n++ {
		c := class(n)
		require.GreaterOrEqual(t, int(blockSizes[c]), n)
		if c > 0 {
			require.Less(t, int(blockSizes[c-1]), n)
		}
	}
	require.Equal(t, uint32(largestBlock), blockSizes[len(blockSizes)-1])
}

// Blocks do not overlap, keep what is written to them, and a slab whose last block is released goes back.
func TestArenaProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var a arena
		defer a.close()
		held := map[blockRef]byte{}
		var order []blockRef
		mark := byte(0)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		r.Repeat(map[string]func(*rapid.T){
			"alloc": func(r *rapid.T) {
				c := rapid.Uint8Range(0, uint8(len(blockSizes)-1)).Draw(r, "class")
				for range rapid.IntRange(1, 100).Draw(r, "n") {
					ref := a.alloc(c)
					if _, ok := held[ref]; ok || ref == 0 {
						r.Fatalf("block %d is given twice, or is none", ref)
					}
					mark++
					block := a.block(ref)
					if link := binary.LittleEndian.Uint32(block); link != 0 {
						r.Fatalf("a new block is linked to %d", link)
					}
					block[linkBytes], block[len(block)-1] = mark, mark
					held[ref] = mark
					order = append(order, ref)
				}
			},
			"release": func(r *rapid.T) {
				n := rapid.IntRange(0, len(order)).Draw(r, "n")
				random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				for _, ref := range order[:n] {
					delete(held, ref)
					a.release(ref)
				}
				order = order[n:]
			},
			"": func(r *rapid.T) {
				slabs := map[blockRef]bool{}
				for ref, mark := range held {
					block := a.block(ref)
					if block[linkBytes] != mark || block[len(block)-1] != mark {
						r.Fatalf("block %d of %d bytes was overwritten", ref, len(block))
					}
					slabs[ref/unitsPerSlab] = true
				}
				require.Equal(r, len(slabs), a.regions.inUse)
				require.LessOrEqual(r, len(a.regions.idle), 2+a.regions.inUse/8)
			},
		})
		for _, ref := range order {
			a.release(ref)
		}
		require.Zero(r, a.regions.inUse)
		require.LessOrEqual(r, a.regions.bytes(), int64(2*slabBytes))
	})
}

// What is released is used again, before more memory is taken.
func TestArenaReuses(t *testing.T) {
	var a arena
	defer a.close()
	fill := func(n int) (refs []blockRef) {
		for range n {
			refs = append(refs, a.alloc(class(1024)))
		}
		return refs
	}
	const perSlab = slabBytes / 1024
	refs := fill(100 * perSlab)
	require.Equal(t, 100, a.regions.inUse)
	list := len(a.regions.list)
	for i := 0; i < len(refs); i += perSlab {
		a.release(refs[i])
	}
	fill(100)
	require.Equal(t, 100, a.regions.inUse, "a block of a full slab is free again")
	for i, ref := range refs {
		if i%perSlab != 0 {
			a.release(ref)
		}
	}
	a.close()

	for range 3 {
		refs = fill(100 * perSlab)
		require.Len(t, a.regions.list, list)
		for _, ref := range refs {
			a.release(ref)
		}
	}
}
