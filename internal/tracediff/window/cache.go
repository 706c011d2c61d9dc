package window

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// numbers caches the numbers of names as they are sent, so that most spans need neither normalising nor the lock of names. It is
// bounded in entries and in bytes, for names may be of any length. It belongs to one goroutine.
type numbers[K comparable] struct {
	of    map[K]uint32
	bytes int // of the names
}

// Bounds of one cache.
const (
	maxCached      = 1 << 14
	maxCachedBytes = 1 << 20
)

// sentOperation is what a span says of its operation.
type sentOperation struct {
	source uint32
	kind   ptrace.SpanKind
	name   string
}

// sentSource is what a resource says of its service.
type sentSource struct{ service, version string }

// add keeps a key, whose names take a number of bytes and are its own.
func (n *numbers[K]) add(key K, bytes int, number uint32) {
	if len(n.of) >= maxCached || n.bytes+bytes > maxCachedBytes || n.of == nil {
		n.clear()
	}
	n.of[key] = number
	n.bytes += bytes
}

func (n *numbers[K]) clear() { n.of, n.bytes = map[K]uint32{}, 0 }

// source numbers the version of a service.
func (e *Engine) source(b *batch, resource pcommon.Map) uint32 {
	key := sentSource{service: "unknown_service"}
	if v, ok := resource.Get("service.name"); ok {
		key.service = v.AsString()
	}
	if v, ok := resource.Get("service.version"); ok {
		key.version = v.AsString()
	}
	if at, ok := b.sources.of[key]; ok {
		return at
	}
	at := e.names.source(key.service, key.version)
	if size := len(key.service) + len(key.version); size <= maxCachedBytes {
		b.sources.add(sentSource{strings.Clone(key.service), strings.Clone(key.version)}, size, at)
	}
	return at
}

// operation numbers what a span does.
func (e *Engine) operation(b *batch, source uint32, span ptrace.Span) uint32 {
	key := sentOperation{source, span.Kind(), span.Name()}
	if at, ok := b.operations.of[key]; ok {
		return at
	}
	at := e.names.operation(source, key.name, key.kind)
	if size := len(key.name); size <= maxCachedBytes {
		key.name = strings.Clone(key.name) // no pdata is kept
		b.operations.add(key, size, at)
	}
	return at
}
