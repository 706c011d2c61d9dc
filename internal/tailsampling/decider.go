package tailsampling

import (
	"time"

	"github.com/assayhq/assay/internal/tracesketch"
)

// decider holds what only the deciding goroutine touches.
type decider struct {
	gaps     *gapLearner
	learned  *learned
	selector *selector
	ids      idTest
	analyzer tracesketch.Analyzer

	spans      []tracesketch.Span
	analysis   uint32 // number of the current judgement
	candidates []candidate
	facts      []facts // parallel to candidates
	offered    float64 // cost of the candidates
	urgent     bool    // memory is short: select at once
	last       time.Duration
	swept      time.Duration
	counted    int64 // bytes that the engine's memory counts for what is learned
}

// facts is what is known of a candidate beside what selection needs.
type facts struct {
	forced   string // reason that forced the decision, "" if it was complete
	endpoint tracesketch.Operation
	path     tracesketch.Path
	errors   int
	rootErr  bool
	duration uint64
	fragment bool
	hashed   bool  // randomness from a hash of the id
	rule     int16 // that the candidate was made by
}

func newDecider(cfg *Config, start time.Time) decider {
	return decider{
		gaps:     newGapLearner(cfg.Completion, cfg.MemoryLimit/gapShare),
		learned:  newLearned(cfg.Paths, cfg.MemoryLimit/learnedShare, start),
		selector: newSelector(cfg.Budget, cfg.Baseline, cfg.Interest),
	}
}

// Step does what is due: it advances the wheels, judges what has become complete, and selects. It must not be called
// concurrently. Start has it called every tick; a test or a simulation may do so with its own clock.
func (e *Engine) Step() {
	d := &e.decider
	now := e.step(d.last)
	since := now - d.last
	d.last = now
	d.learned.decay.Advance(e.clock())
	d.gaps.tick(now, since)
	for i, s := range e.shards {
		e.advance(uint16(i), s, now)
	}
	if e.memory.short() {
		e.evict(now)
	}
	if d.urgent || d.selector.ready(now, d.offered) {
		e.selectDue(now)
	}
	if now-d.swept > sweepInterval || d.learned.bytes > d.learned.room {
		d.swept = now
		d.sweep()
	}
	d.account(&e.memory)
	e.memory.announce()
}

// sweepInterval is how often learned state is trimmed, while it fits into its room.
const sweepInterval = 10 * time.Second

// advance moves a shard's wheel and collects what it found out.
func (e *Engine) advance(at uint16, s *shard, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.gaps {
		e.decider.gaps.ended(g.class, g.gap)
	}
	s.gaps = s.gaps[:0]
	s.wheel.advance(now, func(i uint32) { e.fire(at, s, i, now) })
	e.memory.account(s)
}

// fire looks at a trace whose deadline has come: is it complete, or how long should it wait? The shard's lock is held.
func (e *Engine) fire(at uint16, s *shard, i uint32, now time.Duration) {
	c := &e.cfg.Completion
	t := s.table.at(i)
	age, quiet := now-t.firstSeen, now-t.lastSeen
	switch {
	case t.has(lateSpans):
		e.releaseLate(s, at, i)
	case age >= c.MaxWait:
		e.judge(at, s, i, t, reasonMaxWait)
	case quiet < c.MinWait:
		s.wheel.schedule(i, min(t.lastSeen+c.MinWait, t.firstSeen+c.MaxWait))
	case t.has(settled):
		e.judge(at, s, i, t, "")
	default:
		e.settle(at, s, i, t, now)
	}
}

// settle decides how long a trace that has gone quiet must stay so, given what it looks like.
func (e *Engine) settle(at uint16, s *shard, i uint32, t *trace, now time.Duration) {
	d := &e.decider
	st := e.analyze(s, t)
	class := d.gaps.class(&st)
	wait := d.gaps.wait(class, st.Complete())
	t.shape = d.gaps.watch(class, t.lastSeen)
	if now-t.lastSeen >= wait {
		e.judgeStructure(at, i, t, &st, "")
		return
	}
	t.set(settled)
	s.wheel.schedule(i, min(t.lastSeen+wait, t.firstSeen+e.cfg.Completion.MaxWait))
}

// analyze walks the headers of a trace. The structure is valid until the next call.
func (e *Engine) analyze(s *shard, t *trace) tracesketch.Structure {
	d := &e.decider
	d.spans = d.spans[:0]
	h := s.buffer.Headers(&t.spans) // not in the loop's own clause: that would copy the iterator for every span
	for h.Next() {
		d.spans = append(d.spans, tracesketch.Span(h.Header))
	}
	return d.analyzer.Analyze(d.spans)
}

func (e *Engine) judge(at uint16, s *shard, i uint32, t *trace, forced string) {
	st := e.analyze(s, t)
	e.judgeStructure(at, i, t, &st, forced)
}

// judgeStructure weighs a trace, learns from it, and makes it a candidate. d.spans still hold its spans.
func (e *Engine) judgeStructure(at uint16, i uint32, t *trace, st *tracesketch.Structure, forced string) {
	d := &e.decider
	t.clear(settled)
	t.set(due)
	d.analysis++
	j := d.learned.judge(d.spans, st, d.analysis)

	r, hashed := t.randomness(&e.cfg)
	if r < t.threshold {
		t.set(contradiction)
		t.threshold = 0
	}
	if !hashed && !t.has(hasRV|hasTH) {
		d.ids.add(r)
	}
	c := candidate{shard: at, index: i, cost: e.cost(t), signs: j.signs, factor: 1, floor: -1, rank: rank(r, t.threshold)}
	rule := e.ruleOf(t, st.Duration, st.Errors)
	c.obey(e.cfg.Rules, rule)
	d.candidates = append(d.candidates, c)
	d.facts = append(d.facts, facts{
		forced: forced, endpoint: st.Endpoint, path: j.path, errors: st.Errors,
		rootErr:  st.Root >= 0 && d.spans[st.Root].Flags&tracesketch.FlagError != 0,
		duration: st.Duration, hashed: hashed, rule: rule, fragment: !st.Complete(),
	})
	d.offered += c.cost
}

// cost is what keeping a trace takes from the budget.
func (e *Engine) cost(t *trace) float64 {
	switch e.cfg.Budget.Unit {
	case TracesPerSecond:
		return 1
	case BytesPerSecond:
		return float64(t.wire)
	default:
		return float64(t.spans.Spans())
	}
}

// obey lets a rule, if any, take the place of what was learned.
func (c *candidate) obey(rules []Rule, rule int16) {
	c.out, c.sure, c.factor, c.floor = false, false, 1, -1
	if rule < 0 {
		return
	}
	switch r := rules[rule]; r.Action {
	case Drop:
		c.out = true
	case Keep:
		c.sure = true
	case Weight:
		c.factor = r.Value
	case Probability:
		c.factor, c.floor = 0, r.Value
	}
}
