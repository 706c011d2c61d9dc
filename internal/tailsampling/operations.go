package tailsampling

import (
	"hash/maphash"
	"maps"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
)

// OperationName says what an operation hash stands for.
type OperationName struct {
	Service, Name string
	Kind          ptrace.SpanKind
}

// operations names the operations that have been seen, up to a limit, for reports and metrics. Shared by all shards.
type operations struct {
	mu    sync.RWMutex // guards everything below
	names map[tracesketch.Operation]OperationName
	limit int
	room  int64 // bytes that more names may take
}

func (o *operations) name(op tracesketch.Operation) (OperationName, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	n, ok := o.names[op]
	return n, ok
}

// all is a copy of all names.
func (o *operations) all() map[tracesketch.Operation]OperationName {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return maps.Clone(o.names)
}

// remember returns the bytes that it has taken.
func (o *operations) remember(op tracesketch.Operation, n OperationName) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	bytes := int64(operationNameBytes + len(n.Service) + len(n.Name))
	if _, known := o.names[op]; known || len(o.names) >= o.limit || bytes > o.room {
		return 0
	}
	o.names[op] = n
	o.room -= bytes
	return bytes
}

// operationNameBytes is what an entry takes beside its strings.
const operationNameBytes = 96

// nameEntry caches the operation of a raw name, so that a span costs one hash and one look-up instead of a normalisation.
type nameEntry struct {
	operation tracesketch.Operation
}

// maxNames bounds the cache of a shard; raw URLs as names fill it quickly, and it starts over.
const maxNames = 1 << 14

// nameBytes is what an entry takes.
const nameBytes = 24

// source is the part of an operation that all spans of a resource share.
type source struct {
	service  string
	hash     uint64
	resource pcommon.Map
}

func (in *intake) newSource(resource pcommon.Map) source {
	s := source{resource: resource}
	if v, ok := resource.Get("service.name"); ok {
		s.service = v.AsString()
	}
	s.hash = maphash.String(in.seed, s.service)
	return s
}

// operation identifies what a span does. The shard's lock is held.
func (in *intake) operation(s *shard, src *source, span ptrace.Span) tracesketch.Operation {
	key := src.hash ^ maphash.String(in.seed, span.Name())*3 + uint64(span.Kind())
	attributes := in.cfg.Paths.Attributes
	if len(attributes) > 0 {
		for _, a := range attributes {
			key = key*31 + maphash.String(in.seed, attribute(span, src, a))
		}
	}
	if n, ok := s.names[key]; ok {
		return n.operation
	}
	name := span.Name()
	if in.cfg.Paths.NormalizeNames {
		name = tracesketch.NormalizeName(name)
	}
	values := make([]string, len(attributes))
	for i, a := range attributes {
		values[i] = attribute(span, src, a)
	}
	op := tracesketch.NewOperation(src.service, name, int32(span.Kind()), values...)
	if len(s.names) >= s.maxNames {
		clear(s.names)
	}
	s.names[key] = nameEntry{operation: op}
	in.memory.Add(in.operations.remember(op, OperationName{Service: cloneName(src.service), Name: cloneName(name), Kind: span.Kind()}))
	return op
}

// cloneName copies a name out of the pdata that it came in, cut to a length that a report can show, as valid UTF-8.
func cloneName(s string) string {
	const longest = 256
	return strings.ToValidUTF8(strings.Clone(s[:min(len(s), longest)]), "\uFFFD")
}

// attribute looks at the span first, then at its resource.
func attribute(span ptrace.Span, src *source, key string) string {
	if v, ok := span.Attributes().Get(key); ok {
		return v.AsString()
	}
	if v, ok := src.resource.Get(key); ok {
		return v.AsString()
	}
	return ""
}
