package tailsampling

import "github.com/assayhq/assay/internal/tracesketch"

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
	evidence evidence
}

// analyze walks the headers of a trace. The structure is valid until the next call.
func (d *decider) analyze(s *shard, t *trace) tracesketch.Structure {
	d.spans = d.spans[:0]
	h := s.Buffer.Headers(&t.Spans) // not in the loop's own clause: that would copy the iterator for every span
	for h.Next() {
		d.spans = append(d.spans, tracesketch.Span(h.Header))
	}
	return d.analyzer.Analyze(d.spans)
}

func (d *decider) judge(at uint16, s *shard, i uint32, t *trace, forced string) {
	st := d.analyze(s, t)
	d.judgeStructure(at, i, t, &st, forced)
}

// judgeStructure weighs a trace, learns from it, and makes it a candidate. d.spans still hold its spans.
func (d *decider) judgeStructure(at uint16, i uint32, t *trace, st *tracesketch.Structure, forced string) {
	t.clear(quiet)
	t.set(due)
	d.analysis++
	j := d.learned.judge(d.spans, st, d.analysis)

	if t.shape != none {
		j.place.class = d.gaps.classes[t.shape].key
	}
	r, hashed := t.randomness(d.cfg)
	if r < t.threshold {
		t.set(contradiction)
		t.threshold = 0
	}
	if !hashed && !t.has(hasRV|hasTH) {
		d.ids.add(r)
	}
	c := candidate{shard: at, index: i, cost: d.cost(t), signs: j.evidence.weights(), factor: 1, floor: -1, rank: rank(r, t.threshold)}
	rule := d.rules.of(t, st.Duration, st.Errors)
	c.obey(d.cfg.Rules, rule)
	d.candidates = append(d.candidates, c)
	d.facts = append(d.facts, facts{
		forced: forced, endpoint: st.Endpoint, path: j.path, errors: st.Errors,
		rootErr:  st.Root >= 0 && d.spans[st.Root].Flags&tracesketch.FlagError != 0,
		duration: st.Duration, hashed: hashed, rule: rule, fragment: !st.Complete(), evidence: j.evidence,
	})
	d.offered += c.cost
}

// cost is what keeping a trace takes from the budget.
func (d *decider) cost(t *trace) float64 {
	switch d.cfg.Budget.Unit {
	case TracesPerSecond:
		return 1
	case BytesPerSecond:
		return float64(t.wire)
	default:
		return float64(t.Spans.Spans())
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
