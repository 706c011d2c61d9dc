package tailsampling

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"sync/atomic"
)

// The state of an engine is what it has learned: operations, paths, gaps, cut-offs and the bucket of the budget, and what it has decided of
// late, for spans that are still to come. It does not hold traces.
//
//	head | cut-offs and bucket | totals | operations, each with its name | paths | gap classes | decisions

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

// selection is of all that weights and the bucket depend on: weights are measured by what each sign would keep of its share of the budget.
func selection(cfg *Config) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%v %v %v", cfg.Budget, cfg.Baseline, cfg.Interest)
	for _, r := range cfg.Rules {
		_, _ = fmt.Fprintf(h, " %v %v", r.Action, r.Value)
	}
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
