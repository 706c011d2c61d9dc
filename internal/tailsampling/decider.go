package tailsampling

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/assayhq/assay/internal/traceassembly"
	"github.com/assayhq/assay/internal/tracesketch"
)

// decider finds out when a trace is complete, how interesting it is and whether it is kept, and hands what is kept to the outbox. It
// belongs to one goroutine. Its surface is step, decideAll and stats.
type decider struct {
	*assembly
	outbox *outbox
	rules  rulebook
	stats  atomic.Pointer[Stats] // as of the last selection

	gaps     *gapLearner
	learned  *learned
	selector *selector
	ids      idTest
	log      decisionLog
	recorder recorder
	analyzer tracesketch.Analyzer

	spans      []tracesketch.Span
	analysis   uint32 // number of the current judgement
	candidates []candidate
	facts      []facts // parallel to candidates
	offered    float64 // cost of the candidates
	urgent     bool    // memory is short: select at once
	last       time.Duration
	swept      time.Duration
	counted    traceassembly.Holding // what is learned
}

func newDecider(a *assembly, out *outbox) *decider {
	cfg := a.cfg
	return &decider{
		assembly: a, outbox: out, rules: newRulebook(cfg.Rules),
		gaps:     newGapLearner(cfg.Completion, cfg.MemoryLimit/gapShare),
		learned:  newLearned(cfg.Paths, cfg.MemoryLimit/learnedShare, a.clock.Began()),
		selector: newSelector(cfg.Budget, cfg.Baseline, cfg.Interest),
		recorder: newRecorder(),
		log:      newDecisionLog(cfg.KeptCache+cfg.DroppedCache, cfg.MemoryLimit/logShare),
	}
}

// step does what is due: it advances the wheels, judges what has become complete, and selects.
func (d *decider) step() {
	now := d.clock.Step()
	since := now - d.last
	d.last = now
	d.learned.decay.Advance(d.clock.Wall())
	d.learned.exposure.Add(since.Seconds(), d.learned.decay)
	d.gaps.tick(now, since)
	for i, s := range d.shards {
		d.advance(uint16(i), s, now)
	}
	if d.memory.short() {
		d.evict(now)
	}
	if d.urgent || d.selector.ready(now, d.offered) {
		d.selectDue(now)
	}
	if now-d.swept > sweepInterval || d.learned.bytes > d.learned.room {
		d.swept = now
		d.sweep()
	}
	d.accountLearned()
	d.memory.announce()
}

// decideAll has every open trace decided now.
func (d *decider) decideAll() {
	now := d.clock.Step()
	for at, s := range d.shards {
		bytes := int64(math.MaxInt64)
		for d.force(uint16(at), s, &bytes, reasonShutdown) {
			d.selectDue(now)
		}
	}
	d.selectDue(now)
}

// sweepInterval is how often learned state is trimmed, while it fits into its room.
const sweepInterval = 10 * time.Second

// advance moves a shard's wheel and collects what it found out.
func (d *decider) advance(at uint16, s *shard, now time.Duration) {
	s.Lock()
	defer s.Unlock()
	for _, g := range s.gaps {
		d.gaps.ended(g.class, g.gap)
	}
	s.gaps = s.gaps[:0]
	s.wheel.advance(now, func(i uint32) { d.fire(at, s, i, now) })
	d.account(s)
}

// fire looks at a trace whose deadline has come: is it complete, or how long should it wait? The shard's lock is held.
func (d *decider) fire(at uint16, s *shard, i uint32, now time.Duration) {
	c := &d.cfg.Completion
	t := s.Traces.At(i)
	age, silent := now-t.firstSeen, now-t.LastSeen
	switch {
	case t.has(lateSpans):
		d.releaseLate(s, at, i)
	case age >= c.MaxWait:
		d.judge(at, s, i, t, reasonMaxWait)
	case silent < c.MinWait:
		s.wheel.schedule(i, min(t.LastSeen+c.MinWait, t.firstSeen+c.MaxWait))
	case t.has(quiet):
		d.judge(at, s, i, t, "")
	default:
		d.await(at, s, i, t, now)
	}
}

// await decides how long a trace that has gone quiet must stay so, given what it looks like.
func (d *decider) await(at uint16, s *shard, i uint32, t *trace, now time.Duration) {
	st := d.analyze(s, t)
	class := d.gaps.class(&st)
	wait := d.gaps.wait(class, st.Complete())
	t.shape = d.gaps.watch(class, t.LastSeen)
	if now-t.LastSeen >= wait {
		d.judgeStructure(at, i, t, &st, "")
		return
	}
	t.set(quiet)
	s.wheel.schedule(i, min(t.LastSeen+wait, t.firstSeen+d.cfg.Completion.MaxWait))
}
