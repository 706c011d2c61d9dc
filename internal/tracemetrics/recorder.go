package tracemetrics

import (
	"strings"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracesketch"
)

// Names tells what an operation stands for, if it is known.
type Names func(tracesketch.Operation) (tailsampling.OperationName, bool)

// Recorder counts decided traces, and spans. It is safe for concurrent use.
type Recorder struct {
	cfg        Config
	names      Names
	clock      func() time.Time
	paths      *family
	operations *family    // nil where spans are not counted
	collecting sync.Mutex // held by one collection at a time
}

var _ tailsampling.SpanCounter = (*Recorder)(nil)

// operationStripes is a power of two such that goroutines that take spans in seldom meet.
const operationStripeBits = 4

// New makes a recorder that has counted nothing.
func New(cfg Config, names Names, clock func() time.Time) *Recorder {
	r := &Recorder{cfg: cfg, names: names, clock: clock, paths: newFamily(cfg, pathNames, 0, clock())} // one goroutine decides
	if cfg.Operations {
		r.operations = newFamily(cfg, operationNames, operationStripeBits, clock())
	}
	return r
}

// Decided counts a trace. One without its root counts under the operation of its first span.
func (r *Recorder) Decided(d *tailsampling.Decision) {
	now := r.clock()
	id := identity{id: uint64(d.Path), rule: dropRule(d)}
	st, s := r.paths.series(id, func() (labels, bool) {
		n, ok := r.names(d.Endpoint)
		return labels{service: n.Service, span: n.Name, path: tailsampling.PathID(d.Path), rule: id.rule}, ok
	})
	defer st.mu.Unlock()
	seconds := d.Duration.Seconds()
	s.add(d.RootError, seconds, now)
	if d.Kept {
		s.show(exemplar{trace: d.TraceID, duration: seconds, at: now}, r.cfg.Exemplars)
	}
}

// Count implements tailsampling.SpanCounter. It must not be called where operations are not counted.
func (r *Recorder) Count(op tracesketch.Operation, failed bool, took time.Duration) {
	st, s := r.operations.series(identity{id: uint64(op)}, func() (labels, bool) {
		n, ok := r.names(op)
		return labels{service: n.Service, span: n.Name, operation: tailsampling.PathID(op), kind: n.Kind.String()}, ok
	})
	defer st.mu.Unlock()
	s.add(failed, max(0, took).Seconds(), r.clock())
}

// dropRule is the rule that drops a trace; "" if none does.
func dropRule(d *tailsampling.Decision) string {
	if name, dropped := strings.CutPrefix(d.Reason, tailsampling.DropPrefix); dropped {
		return name
	}
	return ""
}
