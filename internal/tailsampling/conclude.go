package tailsampling

import (
	"math"
	"time"

	"github.com/assayhq/assay/internal/tracestate"
)

// selectDue decides all candidates.
func (d *decider) selectDue(now time.Duration) {
	d.urgent = false
	if len(d.cfg.Rules) > 0 {
		d.obeyLatest()
	}
	d.selector.decide(now, d.candidates)
	for n := range d.candidates {
		d.conclude(&d.candidates[n], &d.facts[n], now)
	}
	d.candidates, d.facts, d.offered = d.candidates[:0], d.facts[:0], 0
	if cap(d.candidates) > 4*maxCandidates { // a burst has passed
		d.candidates, d.facts = nil, nil
	}
	d.observer.Selected(d.publish(d.selector.tau))
	d.outbox.flush()
}

// obeyLatest applies the rules that spans have matched since their trace was judged.
func (d *decider) obeyLatest() {
	for n := range d.candidates {
		c, f := &d.candidates[n], &d.facts[n]
		s := d.shards[c.shard]
		s.Lock()
		rule := d.rules.of(s.Traces.At(c.index), f.duration, f.errors)
		s.Unlock()
		if rule != f.rule {
			f.rule = rule
			c.obey(d.cfg.Rules, rule)
		}
	}
}

// conclude carries out the decision about one trace.
func (d *decider) conclude(c *candidate, f *facts, now time.Duration) {
	s := d.shards[c.shard]
	s.Lock()
	t := s.Traces.At(c.index)
	r, _ := t.randomness(d.cfg)
	incoming := t.threshold
	th := composeThreshold(incoming, c.p)
	kept := c.admitted && r >= th
	dec := Decision{
		TraceID: t.ID, Kept: kept, Probability: c.p, Threshold: th, Marked: t.marked(), Endpoint: f.endpoint, Path: f.path,
		Adjusted: tracestate.Probability(incoming) / tracestate.Probability(th),
		Spans:    t.Spans.Spans(), RootError: f.rootErr, Duration: time.Duration(min(f.duration, math.MaxInt64)),
		Latency: max(0, now-t.LastSeen), Fragment: f.fragment,
	}
	dec.Reason = d.reason(c, f)
	if f.rule >= 0 {
		dec.Rule = d.cfg.Rules[f.rule].Name
	}
	v := verdict{threshold: th, last: t.LastSeen, shape: t.shape}
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
	key := d.key(t.ID)
	s.detach(c.index)
	if kept || d.cfg.DryRun {
		t.threshold = th
		s.kept.put(key, v, now)
		d.outbox.put(parcel{shard: c.shard, index: c.index, spans: dec.Spans, reason: dec.Reason, path: dec.Path})
	} else {
		s.dropped.put(key, v, now)
		d.ledger.over(t)
		s.Free(c.index)
	}
	d.account(s)
	s.Unlock()
	if kept {
		d.learned.keep(dec.Path, dec.Duration)
	}
	d.record(c, f, &dec, r, incoming, now)
	d.recorder.add(now, kept, d.log.code(dec.Reason), dec.Spans)
	d.observer.Decided(&dec)
}

// reason names what decided: a rule, what forced the decision, or the sign that gave the trace most of its probability.
func (d *decider) reason(c *candidate, f *facts) string {
	switch {
	case f.rule >= 0 && d.cfg.Rules[f.rule].Action != Weight:
		return d.rules.reasons[f.rule]
	case f.forced == reasonOverflow || f.forced == reasonShutdown:
		return f.forced
	case c.large && c.p < 1:
		return reasonLarge
	case c.p > 2*c.floor:
		return d.selector.strongest(c).String()
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

// releaseLate sends what has come after a kept trace. The shard's lock is held.
func (d *decider) releaseLate(s *shard, at uint16, i uint32) {
	t := s.Traces.At(i)
	n := t.Spans.Spans()
	s.detach(i)
	d.observer.Late(!t.has(shadow), n)
	d.outbox.put(parcel{shard: at, index: i, spans: n, late: true})
	d.outbox.flush()
}
