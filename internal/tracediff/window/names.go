package window

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracesketch"
)

// names numbers operations, services and their versions, so that a record holds a small number for each. Numbers are of this
// process only; sweep takes back those that nothing refers to any more. Beyond its limits a name is folded into "(other)".
type names struct {
	mu         sync.RWMutex // guards everything below
	operations []operation  // by number
	sources    []source     // by number
	services   []string     // by number

	operationOf map[operationKey]uint32
	sourceOf    map[source]uint32
	serviceOf   map[string]uint32
	perService  []int // operations of a service

	freeOperations []uint32
	freeSources    []uint32
	freeServices   []uint32
	limits         nameLimits
	epoch          uint32 // counts sweeps: numbers cached in an older one are void
	folded         bool   // something was folded since the last sweep
}

type nameLimits struct{ operations, operationsPerService, services, sources int }

// operation is what a number of an operation stands for. Operations that differ only in kind share a group.
type operation struct {
	operationKey
	hash tracesketch.Operation // stable over processes; what paths are made of
}

type operationKey struct {
	service uint32
	kind    uint8
	name    string
}

// source is a version of a service.
type source struct {
	service uint32
	version string
}

func newNames(l Limits) *names {
	n := &names{
		operationOf: map[operationKey]uint32{}, sourceOf: map[source]uint32{}, serviceOf: map[string]uint32{},
		// Twice what a snapshot takes, because two windows of a query are open at times.
		limits: nameLimits{
			operations: 2*l.GroupsPerSnapshot + 1, operationsPerService: 2*l.ValuesPerKey + 1,
			services: 2*l.ValuesPerKey + 1, sources: 4*l.ValuesPerKey + 1,
		},
	}
	return n
}

// source numbers a version of a service.
func (n *names) source(service, version string) uint32 {
	service, version = shown(service), shown(version)
	n.mu.Lock()
	defer n.mu.Unlock()
	s := source{service: n.service(service), version: version}
	if at, ok := n.sourceOf[s]; ok {
		return at
	}
	if len(n.sourceOf) >= n.limits.sources && s.version != snapshot.OverflowValue {
		n.folded = true
		s.version = snapshot.OverflowValue
		if at, ok := n.sourceOf[s]; ok {
			return at
		}
	}
	at := uint32(len(n.sources))
	if k := len(n.freeSources); k > 0 {
		at = n.freeSources[k-1]
		n.freeSources = n.freeSources[:k-1]
		n.sources[at] = s
	} else {
		n.sources = append(n.sources, s)
	}
	n.sourceOf[s] = at
	return at
}

// service numbers a service. The lock is held.
func (n *names) service(name string) uint32 {
	if at, ok := n.serviceOf[name]; ok {
		return at
	}
	if len(n.serviceOf) >= n.limits.services && name != snapshot.OverflowValue {
		n.folded = true
		return n.service(snapshot.OverflowValue)
	}
	at := uint32(len(n.services))
	if k := len(n.freeServices); k > 0 {
		at = n.freeServices[k-1]
		n.freeServices = n.freeServices[:k-1]
		n.services[at] = name
	} else {
		n.services = append(n.services, name)
		n.perService = append(n.perService, 0)
	}
	n.serviceOf[name] = at
	return at
}

// operation numbers an operation of a source. The name is as it was sent.
func (n *names) operation(from uint32, name string, kind ptrace.SpanKind) uint32 {
	const longest = 1024 // normalising takes time by length
	name = tracesketch.NormalizeName(name[:min(len(name), longest)])
	name = shown(name)
	n.mu.Lock()
	defer n.mu.Unlock()
	service := n.sources[from].service
	key := operationKey{service: service, kind: uint8(kind), name: name}
	if at, ok := n.operationOf[key]; ok {
		return at
	}
	full := len(n.operationOf) >= n.limits.operations
	if full || n.perService[service] >= n.limits.operationsPerService {
		n.folded = true
		if full && len(n.operationOf) >= n.limits.operations+n.limits.services {
			service = n.service(snapshot.OverflowValue)
		}
		key = operationKey{service: service, name: snapshot.OverflowValue}
		if at, ok := n.operationOf[key]; ok {
			return at
		}
	}
	o := operation{operationKey: key, hash: tracesketch.NewOperation(n.services[service], key.name, int32(key.kind))}
	at := uint32(len(n.operations))
	if k := len(n.freeOperations); k > 0 {
		at = n.freeOperations[k-1]
		n.freeOperations = n.freeOperations[:k-1]
		n.operations[at] = o
	} else {
		n.operations = append(n.operations, o)
	}
	n.operationOf[key] = at
	n.perService[service]++
	return at
}

// crowded tells whether a sweep is worth its time.
func (n *names) crowded() bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.folded || len(n.operationOf) > n.limits.operations/2 || len(n.sourceOf) > n.limits.sources/2 ||
		len(n.serviceOf) > n.limits.services/2
}
