package window

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// slicesPerWindow is how many time slices a window has, unless they would be shorter than a second.
const slicesPerWindow = 20

// maxSlices bounds them: slices are rounded up, so that a window never has more.
const maxSlices = slicesPerWindow

func sliceLength(window time.Duration) time.Duration {
	return max(time.Second, (window+slicesPerWindow-1)/slicesPerWindow)
}

// aggregate is a Snapshot that is being filled: groups by identity, and indices to them from what spans hold. The indices are
// shortcuts: the identity alone decides which group it is.
type aggregate struct {
	mu         sync.Mutex // guards everything below
	calendar   *calendar
	start, end int64 // unix ns
	slice      int64 // ns
	from       int64 // unix ns; from when on the window was watched
	missed     bool  // spans may have been missed since
	limits     Limits
	memory     *atomic.Int64 // of the groups of all queries
	room       int64         // of memory: beyond it no more groups are made
	bytes      int64         // of the groups

	coverage snapshot.Coverage
	total    *group
	groups   map[snapshot.Identity]*group
	counted  int // groups that are not overflow groups
	ofKind   map[snapshot.Kind]int
	members  map[crowd]int

	services   []*group // by number of the service
	operations []*group // by number of the operation
	edges      map[uint64]*group
	paths      map[pathKey]*group
	values     []map[string]*group // for each key of the query
	numbered   []*group            // by number of the value, where all attributes are captured
	versions   map[uint32]*version // by number of the source
}

// crowd is a set of groups that are limited together: all services, the operations of a service, the paths of an operation, the
// values of a key. The zero value is none.
type crowd struct {
	kind        snapshot.Kind
	of          string // a service or a key
	ofOperation string // of paths
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
		ofKind: map[snapshot.Kind]int{}, members: map[crowd]int{}, groups: map[snapshot.Identity]*group{},
		edges: map[uint64]*group{}, paths: map[pathKey]*group{}, versions: map[uint32]*version{},
		values: make([]map[string]*group, len(c.attributes)),
	}
	for i := range g.values {
		g.values[i] = map[string]*group{}
	}
	g.total = &group{}
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

// group finds or makes the group of an identity. Where a limit is reached, it is the overflow group instead.
func (g *aggregate) group(id snapshot.Identity) *group {
	if found := g.groups[id]; found != nil {
		return found
	}
	if !g.admit(&id) {
		return g.overflow(&id)
	}
	return g.open(id)
}

// open makes a group.
func (g *aggregate) open(id snapshot.Identity) *group {
	made := &group{overflow: id.Value == snapshot.OverflowValue}
	g.groups[id] = made
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
	c := crowdOf(id)
	full := g.counted >= g.limits.GroupsPerSnapshot || g.ofKind[id.Kind] >= most ||
		c != (crowd{}) && g.members[c] >= g.limits.ValuesPerKey || g.memory.Load() > g.room
	if full {
		return false
	}
	g.counted++
	g.ofKind[id.Kind]++
	if c != (crowd{}) {
		g.members[c]++
	}
	return true
}

func crowdOf(id *snapshot.Identity) crowd {
	switch id.Kind {
	case snapshot.Service:
		return crowd{kind: id.Kind}
	case snapshot.Operation:
		return crowd{kind: id.Kind, of: id.Service}
	case snapshot.Path:
		return crowd{kind: id.Kind, of: id.Service, ofOperation: id.Value}
	case snapshot.Attribute:
		return crowd{kind: id.Kind, of: id.Key}
	}
	return crowd{}
}

// overflow is the group that takes what a limit leaves no room for. Operations have one for each service while there is
// room for those.
func (g *aggregate) overflow(id *snapshot.Identity) *group {
	o := snapshot.Identity{Kind: id.Kind, Key: id.Key, Value: snapshot.OverflowValue}
	if id.Kind == snapshot.Operation && g.groups[snapshot.Identity{Kind: snapshot.Service, Value: id.Service}] != nil {
		o.Service = id.Service
	}
	if found := g.groups[o]; found != nil {
		return found
	}
	return g.open(o)
}
