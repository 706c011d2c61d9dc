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

// Recorder counts decided traces. It is safe for concurrent use.
type Recorder struct {
	cfg   Config
	names Names
	clock func() time.Time

	collecting sync.Mutex // held by one collection at a time

	mu    sync.Mutex // guards everything below
	paths *table
}

// New makes a recorder that has counted nothing.
func New(cfg Config, names Names, clock func() time.Time) *Recorder {
	return &Recorder{cfg: cfg, names: names, clock: clock, paths: newTable(cfg, clock())}
}

// Decided counts a trace. One without its root counts under the operation that its first span has.
func (r *Recorder) Decided(d *tailsampling.Decision) {
	now := r.clock()
	id := identity{id: uint64(d.Path), rule: dropRule(d)}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.paths.of(id, func() (labels, bool) {
		n, ok := r.names(d.Endpoint)
		return labels{service: n.Service, span: n.Name, path: tailsampling.PathID(d.Path), rule: id.rule}, ok
	})
	seconds := d.Duration.Seconds()
	s.add(d.RootError, seconds, now)
	if d.Kept {
		s.show(exemplar{trace: d.TraceID, duration: seconds, at: now}, r.cfg.Exemplars)
	}
}

// dropRule is the rule that drops a trace; "" if none does.
func dropRule(d *tailsampling.Decision) string {
	if name, dropped := strings.CutPrefix(d.Reason, tailsampling.DropPrefix); dropped {
		return name
	}
	return ""
}
