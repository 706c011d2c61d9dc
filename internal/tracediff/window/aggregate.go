package window

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// slicesPerWindow is how many time slices a window has, unless they would be shorter than a second.
const slicesPerWindow = 20

// maxSlices bounds them: slices are rounded up, so that a window never has more.
const maxSlices = slicesPerWindow

func sliceLength(window time.Duration) time.Duration {
	return max(time.Second, (window+slicesPerWindow-1)/slicesPerWindow)
}

// aggregate is a Snapshot that is being filled: groups by number, and indices from what spans hold to those numbers. The
// indices are shortcuts: byIdentity alone decides which group it is.
type aggregate struct {
	mu         sync.Mutex // guards everything below
	calendar   *calendar
	start, end int64 // unix ns
	slice      int64 // ns
	partial    bool
	limits     Limits
	memory     *atomic.Int64 // of the groups of all queries
	room       int64         // of memory: beyond it no more groups are made
	bytes      int64         // of the groups

	coverage   snapshot.Coverage
	total      *group
	groups     []*group
	counted    int // groups that are not overflow groups
	ofKind     map[snapshot.Kind]int
	members    map[uint64]int    // operations of a service, values of a key, paths of an operation: by hash
	byIdentity map[uint64]*group // by hash of the identity

	services   []*group // by number of the service
	operations []*group // by number of the operation
	edges      map[uint64]*group
	paths      map[pathKey]*group
	values     []map[string]*group // for each key of the query
	versions   map[uint32]*version // by number of the source
}

type pathKey struct {
	path uint64
	root uint32
}

// version is when a version of a service was seen.
type version struct {
	service, version string
	weight           float64
	first, last      int64 // unix ns
}

func newAggregate(c *calendar, start, end int64, limits Limits, memory *atomic.Int64) *aggregate {
	g := &aggregate{
		calendar: c, start: start, end: end, slice: int64(sliceLength(time.Duration(end - start))),
		limits: limits, memory: memory, room: limits.MemoryBytes / 2,
		ofKind: map[snapshot.Kind]int{}, members: map[uint64]int{}, byIdentity: map[uint64]*group{},
		edges: map[uint64]*group{}, paths: map[pathKey]*group{}, versions: map[uint32]*version{},
		values: make([]map[string]*group, len(c.attributes)),
	}
	for i := range g.values {
		g.values[i] = map[string]*group{}
	}
	g.total = &group{identity: snapshot.Identity{Kind: snapshot.Total}}
	g.grow(groupBytes)
	return g
}

// grow accounts for memory. The lock is held.
func (g *aggregate) grow(n int) {
	if n != 0 {
		g.bytes += int64(n)
		g.memory.Add(int64(n))
	}
}

// release gives the memory back.
func (g *aggregate) release() {
	g.memory.Add(-g.bytes)
	g.bytes = 0
}

func identityHash(id *snapshot.Identity) uint64 {
	var d xxhash.Digest
	d.Reset()
	for _, part := range [...]string{string(id.Kind), id.Key, id.Service, id.Value, id.CallerService, id.Caller, id.PathID} {
		_, _ = d.WriteString(part)
		_, _ = d.Write([]byte{0xff}) // no part holds it: they are UTF-8
	}
	return d.Sum64()
}

func hashOf(parts ...string) uint64 {
	var d xxhash.Digest
	d.Reset()
	for _, p := range parts {
		_, _ = d.WriteString(p)
		_, _ = d.Write([]byte{0xff})
	}
	return d.Sum64()
}

// group finds or makes the group of an identity. Where a limit is reached, it is the overflow group instead.
func (g *aggregate) group(id snapshot.Identity) *group {
	hash := identityHash(&id)
	if found := g.byIdentity[hash]; found != nil {
		return found
	}
	if !g.admit(&id) {
		return g.overflow(&id)
	}
	return g.open(id, hash)
}

// open makes a group.
func (g *aggregate) open(id snapshot.Identity, hash uint64) *group {
	made := &group{identity: id}
	g.groups = append(g.groups, made)
	g.byIdentity[hash] = made
	g.grow(groupBytes)
	return made
}

// Shares of the groups that one kind may take, so that an explosion of paths leaves room for operations.
const (
	pathShare = 4
	edgeShare = 2
)

// admit tells whether there is room for one more group.
func (g *aggregate) admit(id *snapshot.Identity) bool {
	most := g.limits.GroupsPerSnapshot
	switch id.Kind {
	case snapshot.Path:
		most = max(1, most/pathShare)
	case snapshot.Edge:
		most = max(1, most/edgeShare)
	}
	crowd := crowdOf(id)
	full := g.counted >= g.limits.GroupsPerSnapshot || g.ofKind[id.Kind] >= most ||
		crowd != 0 && g.members[crowd] >= g.limits.ValuesPerKey || g.memory.Load() > g.room
	if !full {
		g.count(id, crowd)
	}
	return !full
}

func (g *aggregate) count(id *snapshot.Identity, crowd uint64) {
	g.counted++
	g.ofKind[id.Kind]++
	if crowd != 0 {
		g.members[crowd]++
	}
}

// crowdOf is the set whose members are limited together, 0 for none: all services, the operations of a service, the paths of
// an operation, the values of a key.
func crowdOf(id *snapshot.Identity) uint64 {
	switch id.Kind {
	case snapshot.Service:
		return hashOf("service")
	case snapshot.Operation:
		return hashOf("operation", id.Service)
	case snapshot.Path:
		return hashOf("path", id.Service, id.Value)
	case snapshot.Attribute:
		return hashOf("value", id.Key)
	}
	return 0
}

// overflow is the group that takes what a limit leaves no room for. Operations have one for each service while there is
// room for those.
func (g *aggregate) overflow(id *snapshot.Identity) *group {
	o := snapshot.Identity{Kind: id.Kind, Key: id.Key, Value: snapshot.OverflowValue}
	if id.Kind == snapshot.Operation && g.byIdentity[identityHash(&snapshot.Identity{Kind: snapshot.Service, Value: id.Service})] != nil {
		o.Service = id.Service
	}
	hash := identityHash(&o)
	if found := g.byIdentity[hash]; found != nil {
		return found
	}
	return g.open(o, hash)
}

func (g *group) isOverflow() bool { return g.identity.Value == snapshot.OverflowValue }
