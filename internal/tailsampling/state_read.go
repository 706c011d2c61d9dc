package tailsampling

import (
	"fmt"
	"math"
	"time"

	"github.com/assayhq/assay/internal/statecodec"
	"github.com/assayhq/assay/internal/tracesketch"
)

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
	d.learned, d.gaps, d.selector, d.idKey = r.learned, r.gaps, r.selector, r.idKey
	d.remember(r.decisions, d.clock.Now())
	for op, n := range r.names {
		d.memory.Add(e.intake.operations.remember(op, n))
	}
	d.accountLearned()
	return nil
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

	idKey     [2]uint64
	decisions []savedDecision
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
	r.readSelector(h)
	l.totals(c)
	age := int32(0)
	c.Int32(&age, 0, math.MaxInt32)
	r.gaps.epoch = -age
	for i := range r.idKey {
		c.Uint64(&r.idKey[i])
	}
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
	r.readDecisions(max(0, r.now.Sub(h.written)))
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

// readSelector takes cut-offs and the bucket where they were found with the same budget, interest and rules. Under others weights are of another size, so that
// next to nothing or far too much would be kept until the old ones are forgotten; what is not taken is learned anew, in some seconds.
func (r *stateReader) readSelector(h head) {
	into := r.selector
	if h.selection != selection(r.cfg) {
		into = newSelector(r.cfg.Budget, r.cfg.Baseline, r.cfg.Interest)
	}
	into.state(r.c, max(0, r.now.Sub(h.written)))
}
