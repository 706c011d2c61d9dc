package simulate

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sort"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

const (
	// ringPositions and ringPoints are those of the load_balancing exporter: so many places on the ring, and so many points
	// of each gateway on it. The points of one gateway do not cover exactly its share, so some gateways get more traces than others.
	ringPositions = 131071
	ringPoints    = 200
	ringProbes    = 10 // places that are tried for a point whose own is taken
)

// ring deals traces out to gateways by a consistent hash of their id, as the load_balancing exporter does with
// routing_key: traceID (Karger et al. 1997): another gateway takes over some traces of each, and all others stay where they are.
type ring []ringPoint

// ringPoint is where the part of a gateway ends.
type ringPoint struct {
	position uint32
	gateway  int
}

func newRing(gateways int) ring {
	type candidate struct {
		ringPoint
		hash uint32
	}
	var candidates []candidate
	for g := range gateways {
		name := []byte("gateway-" + strconv.Itoa(g+1) + ":4317")
		for i := range ringPoints {
			hash := crc32.ChecksumIEEE(binary.LittleEndian.AppendUint32(slices.Clone(name), uint32(i)))
			candidates = append(candidates, candidate{ringPoint{hash % ringPositions, g}, hash})
		}
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.hash, b.hash), cmp.Compare(a.gateway, b.gateway))
	})
	taken := make(map[uint32]bool, len(candidates))
	out := make(ring, 0, len(candidates))
	for _, c := range candidates {
		for probes := 0; taken[c.position] && probes < ringProbes; probes++ {
			c.position = (c.position + 1) % ringPositions
		}
		if !taken[c.position] {
			taken[c.position] = true
			out = append(out, c.ringPoint)
		}
	}
	slices.SortFunc(out, func(a, b ringPoint) int { return cmp.Compare(a.position, b.position) })
	return out
}

// gateway is the one that gets all spans of a trace, from 0 on.
func (r ring) gateway(id pcommon.TraceID) int {
	position := crc32.ChecksumIEEE(id[:]) % ringPositions
	i := sort.Search(len(r), func(i int) bool { return r[i].position >= position })
	return r[i%len(r)].gateway
}
