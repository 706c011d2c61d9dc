package tailsampling

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/statecodec"
	"github.com/assayhq/assay/internal/tracesketch"
)

// The state of an engine is what it has learned: operations, paths, gaps, cut-offs and the bucket of the budget. It does not hold traces.
//
//	version | fingerprint | time | bucket and cut-offs | totals | names ... | operations ... | paths ... | gap classes ...

// stateVersion is that of the layout.
const stateVersion = 1

// Reasons why a state is not taken. What is malformed is statecodec.ErrMalformed.
var (
	// ErrStateVersion is for a state that another version has written.
	ErrStateVersion = errors.New("the state was written by another version")
	// ErrStateForeign is for a state of a configuration that tells operations apart in another way, so that nothing would be found again.
	ErrStateForeign = errors.New("the state was learned with other paths::attributes or paths::normalize_names")
)

// fingerprint is of all that the identities of operations depend on.
func fingerprint(p *Paths) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%v %q", p.NormalizeNames, p.Attributes)
	return h.Sum64()
}

// entriesPerStep is how much of a state is written between two steps of the decider, so that decisions do not wait.
const entriesPerStep = 256

// stateRequest is what SaveState leaves for the decider.
type stateRequest struct{ done func([]byte) }

// SaveState has the state written in the course of the next steps, and given to done, in the deciding goroutine. A request takes the place of
// an earlier one that has not begun.
func (e *Engine) SaveState(done func([]byte)) { e.saver.request.Store(&stateRequest{done}) }

// State is the state of an engine that has stopped, or whose steps the caller drives.
func (e *Engine) State() []byte {
	w := newStateWriter(e.decider, &e.intake.operations)
	for !w.step(math.MaxInt) {
	}
	return w.c.Bytes()
}

// LoadState has the engine begin with what another one has learned. It must be called before anything else, and leaves the engine as it
// was if it fails.
func (e *Engine) LoadState(b []byte) error {
	d := e.decider
	r := &stateReader{
		c: statecodec.Reader(b), cfg: d.cfg, now: d.clock.Wall(),
		learned: newLearned(d.cfg.Paths, d.learned.room, d.clock.Began()), gaps: newGapLearner(d.cfg.Completion, d.cfg.MemoryLimit/gapShare),
		selector: newSelector(d.cfg.Budget, d.cfg.Baseline, d.cfg.Interest),
	}
	if err := r.read(); err != nil {
		return err
	}
	d.learned, d.gaps, d.selector = r.learned, r.gaps, r.selector
	for op, n := range r.names {
		d.memory.Add(e.intake.operations.remember(op, n))
	}
	d.accountLearned()
	return nil
}

// saver writes states while the decider is at work.
type saver struct {
	request atomic.Pointer[stateRequest]
	writer  *stateWriter // nil while nothing is written
	done    func([]byte)
}

// step begins what was asked for, or goes on with it.
func (s *saver) step(d *decider, names *operations) {
	if s.writer == nil {
		r := s.request.Swap(nil)
		if r == nil {
			return
		}
		s.writer, s.done = newStateWriter(d, names), r.done
	}
	if s.writer.step(entriesPerStep) {
		s.done(s.writer.c.Bytes())
		s.writer, s.done = nil, nil
	}
}

// stateWriter writes entries that were there when it began, as they are when their turn comes.
type stateWriter struct {
	d          *decider
	c          *statecodec.Codec
	names      map[tracesketch.Operation]OperationName
	operations []tracesketch.Operation
	paths      []tracesketch.Path
	classes    int
	part       int // 0: operations, 1: paths, 2: gap classes, 3: done
	at         int
}

func newStateWriter(d *decider, names *operations) *stateWriter {
	w := &stateWriter{
		d: d, c: statecodec.Writer(nil), names: names.all(),
		operations: slices.Collect(maps.Keys(d.learned.operations)), paths: slices.Collect(maps.Keys(d.learned.paths)), classes: len(d.gaps.classes),
	}
	head{version: stateVersion, fingerprint: fingerprint(&d.cfg.Paths), unit: d.cfg.Budget.Unit, written: d.clock.Wall()}.code(w.c)
	d.selector.state(w.c, 0)
	d.learned.totals(w.c)
	age := d.learned.decay.Epoch() - d.gaps.epoch
	w.c.Int32(&age, 0, math.MaxInt32)
	return w
}

// step writes some entries and tells whether all are written.
func (w *stateWriter) step(entries int) bool {
	for ; entries > 0 && w.part < 3; entries-- {
		if w.at == [...]int{len(w.operations), len(w.paths), w.classes}[w.part] {
			w.c.More(false)
			w.part, w.at = w.part+1, 0
			continue
		}
		switch l := w.d.learned; w.part {
		case 0:
			w.operation(w.operations[w.at], l)
		case 1:
			if id := uint64(w.paths[w.at]); l.paths[w.paths[w.at]] != nil {
				w.c.More(true)
				w.c.Uint64(&id)
				l.paths[w.paths[w.at]].state(w.c, l.decay)
			}
		case 2:
			w.c.More(true)
			w.d.gaps.classes[w.at].state(w.c)
		}
		w.at++
	}
	return w.part == 3
}

func (w *stateWriter) operation(op tracesketch.Operation, l *learned) {
	o := l.operations[op]
	if o == nil {
		return // forgotten since
	}
	w.c.More(true)
	id := uint64(op)
	w.c.Uint64(&id)
	n := w.names[op]
	n.code(w.c)
	o.state(w.c, l.decay)
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

// head is what a state begins with.
type head struct {
	version     int64
	fingerprint uint64
	unit        Unit
	written     time.Time
}

func (h head) code(c *statecodec.Codec) head {
	c.Int(&h.version, math.MinInt64, math.MaxInt64)
	c.Uint64(&h.fingerprint)
	unit, written := int64(h.unit), h.written.UnixNano()
	c.Int(&unit, 0, math.MaxUint8)
	c.Int(&written, math.MinInt64, math.MaxInt64)
	h.unit, h.written = Unit(unit), time.Unix(0, written)
	return h
}

// stateReader reads into parts that nobody uses yet.
type stateReader struct {
	c        *statecodec.Codec
	cfg      *Config
	now      time.Time
	learned  *learned
	gaps     *gapLearner
	selector *selector
	names    map[tracesketch.Operation]OperationName
}

func (r *stateReader) read() error {
	c, l := r.c, r.learned
	h := head{}.code(c)
	switch {
	case c.Err() != nil:
		return c.Err()
	case h.version != stateVersion:
		return fmt.Errorf("%w: it has version %d of the layout, this is %d", ErrStateVersion, h.version, stateVersion)
	case h.fingerprint != fingerprint(&r.cfg.Paths):
		return ErrStateForeign
	}
	if h.unit == r.cfg.Budget.Unit {
		r.selector.state(c, max(0, r.now.Sub(h.written)))
	} else { // its costs are of another unit: the cut-offs are learned anew, in some seconds
		newSelector(Budget{Unit: h.unit, Value: 1}, r.cfg.Baseline, r.cfg.Interest).state(c, 0)
	}
	l.totals(c)
	age := int32(0)
	c.Int32(&age, 0, math.MaxInt32)
	r.gaps.epoch = -age
	r.names = map[tracesketch.Operation]OperationName{}
	for c.More(false) {
		var id uint64
		var n OperationName
		o := &operationStats{}
		c.Uint64(&id)
		n.code(c)
		o.state(c, l.decay)
		l.takeOperation(tracesketch.Operation(id), o)
		if n.Name != "" {
			r.names[tracesketch.Operation(id)] = n
		}
	}
	for c.More(false) {
		var id uint64
		p := &pathStats{}
		c.Uint64(&id)
		p.state(c, l.decay)
		l.takePath(tracesketch.Path(id), p)
	}
	r.readClasses()
	if c.Err() == nil && len(c.Bytes()) > 0 {
		c.Fail()
	}
	if c.Err() != nil {
		return c.Err()
	}
	l.refresh()
	return nil
}

func (r *stateReader) readClasses() {
	r.gaps.classes = r.gaps.classes[:0]
	for r.c.More(false) {
		var g gapClass
		g.state(r.c)
		if len(r.gaps.classes) < r.gaps.maxClasses {
			r.gaps.classes = append(r.gaps.classes, g)
		}
	}
	if len(r.gaps.classes) == 0 {
		r.c.Fail() // that of all is always there
		return
	}
	r.gaps.join()
}
