package tailsampling

import (
	"math"
	"time"
)

// selectDue decides all candidates.
func (e *Engine) selectDue(now time.Duration) {
	d := &e.decider
	d.urgent = false
	if len(e.cfg.Rules) > 0 {
		e.obeyLatest()
	}
	d.selector.decide(now, d.candidates)
	for n := range d.candidates {
		e.conclude(&d.candidates[n], &d.facts[n], now)
	}
	d.candidates, d.facts, d.offered = d.candidates[:0], d.facts[:0], 0
	if cap(d.candidates) > 4*maxCandidates { // a burst has passed
		d.candidates, d.facts = nil, nil
	}
	e.observer.Selected(e.publish(d.selector.tau))
	e.outbox.flush()
}

// obeyLatest applies the rules that spans have matched since their trace was judged.
func (e *Engine) obeyLatest() {
	d := &e.decider
	for n := range d.candidates {
		c, f := &d.candidates[n], &d.facts[n]
		s := e.shards[c.shard]
		s.mu.Lock()
		rule := e.ruleOf(s.table.at(c.index), f.duration, f.errors)
		s.mu.Unlock()
		if rule != f.rule {
			f.rule = rule
			c.obey(e.cfg.Rules, rule)
		}
	}
}

// conclude carries out the decision about one trace.
func (e *Engine) conclude(c *candidate, f *facts, now time.Duration) {
	s := e.shards[c.shard]
	s.mu.Lock()
	t := s.table.at(c.index)
	r, _ := t.randomness(&e.cfg)
	th := composeThreshold(t.threshold, c.p)
	kept := c.admitted && r >= th
	dec := Decision{
		TraceID: t.id, Kept: kept, Probability: c.p, Threshold: th, Marked: t.marked(), Endpoint: f.endpoint, Path: f.path,
		Adjusted: thresholdProbability(t.threshold) / thresholdProbability(th),
		Spans:    t.spans.Spans(), RootError: f.rootErr, Duration: time.Duration(min(f.duration, math.MaxInt64)),
		Latency: max(0, now-t.lastSeen), Fragment: f.fragment,
	}
	dec.Reason = e.reason(c, f)
	if f.rule >= 0 {
		dec.Rule = e.cfg.Rules[f.rule].Name
	}
	v := verdict{threshold: th, last: t.lastSeen, shape: t.shape}
	if t.has(contradiction) {
		v.flags |= verdictErased
	}
	if f.hashed {
		v.flags |= verdictHashedRV
		t.set(hashedRV)
	}
	if t.has(hasRV) {
		v.randomness, v.flags = t.rv, v.flags|verdictRV
	}
	if !kept {
		v.flags |= verdictDropped // matters in a dry run, where its late spans are forwarded all the same
	}
	key := hashTraceID(e.seed, t.id)
	s.detach(c.index)
	if kept || e.cfg.DryRun {
		t.threshold = th
		s.kept.put(key, v)
		e.outbox.put(parcel{shard: c.shard, index: c.index, spans: dec.Spans, reason: dec.Reason, path: dec.Path})
	} else {
		s.dropped.put(key, v)
		s.free(c.index)
	}
	e.memory.account(s)
	s.mu.Unlock()
	e.observer.Decided(&dec)
}

// reason names what decided: a rule, what forced the decision, or the sign that gave the trace most of its probability.
func (e *Engine) reason(c *candidate, f *facts) string {
	switch {
	case f.rule >= 0 && e.cfg.Rules[f.rule].Action != Weight:
		return e.ruleReasons[f.rule]
	case f.forced == reasonOverflow || f.forced == reasonShutdown:
		return f.forced
	case c.large && c.p < 1:
		return reasonLarge
	case c.p > 2*c.floor:
		return e.decider.selector.strongest(c).String()
	}
	return signNone.String()
}

// Reasons of decisions that the budget or an exit has shaped.
const (
	reasonOverflow = "overflow" // memory was short: decided before it was complete
	reasonShutdown = "shutdown" // decided because the engine stops
	reasonLarge    = "large"    // costs more than the budget holds at a time
	reasonMaxWait  = "max_wait" // forces a decision, but is no reason: such a trace has an ordinary one
)
