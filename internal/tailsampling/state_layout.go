package tailsampling

import (
	"math"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/statecodec"
)

// head is what a state begins with.
type head struct {
	version     int64
	fingerprint uint64
	selection   uint64
	written     time.Time
}

func (h head) code(c *statecodec.Codec) head {
	c.Int(&h.version, math.MinInt64, math.MaxInt64)
	c.Uint64(&h.fingerprint)
	c.Uint64(&h.selection)
	written := h.written.UnixNano()
	c.Int(&written, math.MinInt64, math.MaxInt64)
	h.written = time.Unix(0, written)
	return h
}

// longestStateName bounds names that are read; see cloneName.
const longestStateName = 1024

func (n *OperationName) code(c *statecodec.Codec) {
	c.String(&n.Service, longestStateName)
	c.String(&n.Name, longestStateName)
	kind := int64(n.Kind)
	c.Int(&kind, math.MinInt32, math.MaxInt32)
	n.Kind = ptrace.SpanKind(kind)
}
