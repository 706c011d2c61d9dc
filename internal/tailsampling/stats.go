package tailsampling

import "math"

// Stats is the state of an engine at one moment.
type Stats struct {
	Traces, Spans int     // undecided, or kept and not yet sent
	Bytes, Limit  int64   // of memory
	BudgetUsed    float64 // share of the last 10 s' budget that was spent
	Cutoff        float64 // weight from which a trace is kept for certain; +Inf while the budget holds only the baseline
	Floor         float64 // probability that every trace has
	RulesExceed   bool    // keep rules take more than the budget less the baseline
	RulesOverrun  float64 // what they have taken beyond it so far, in the unit of the budget
	NotRandom     uint64  // traces so far that were decided by ids which are not random
	Large         uint64  // traces so far that cost more than the budget holds at a time
	Paths         int     // tracked
	Operations    int
	FoldedPaths   uint64 // traces of paths that had no place of their own
	Journal       JournalStats
}

// Stats returns the state as of the last selection, with the buffer as it is now.
func (e *Engine) Stats() Stats {
	st := Stats{Limit: e.assembly.cfg.MemoryLimit, Cutoff: math.Inf(1), Floor: 1}
	if last := e.decider.stats.Load(); last != nil {
		st = *last
	}
	st.Traces, st.Spans = e.assembly.held()
	st.Bytes = e.assembly.memory.Used()
	st.Journal = e.assembly.ledger.stats()
	return st
}

// publish makes the state visible to Stats, and returns it.
func (d *decider) publish(tau float64) *Stats {
	st := &Stats{
		Limit:        d.cfg.MemoryLimit,
		BudgetUsed:   d.selector.used(),
		Cutoff:       tau,
		Floor:        d.selector.floor(),
		RulesExceed:  d.selector.rulesExceed(),
		RulesOverrun: d.selector.overrun,
		NotRandom:    d.ids.failed,
		Large:        d.selector.large,
		Paths:        len(d.learned.paths),
		Operations:   len(d.learned.operations),
		FoldedPaths:  d.learned.folded,
	}
	d.stats.Store(st)
	return st
}

// Open is the number of traces that are held: undecided, or kept and not yet sent.
func (e *Engine) Open() int {
	traces, _ := e.assembly.held()
	return traces
}

// Roomy tells whether memory is so far from its limit that no trace is decided early.
func (e *Engine) Roomy() bool { return !e.assembly.memory.short() }
