package tailsampling

import (
	"math"
	"time"
)

// candidate is a trace that has come up for decision.
type candidate struct {
	shard    uint16
	index    uint32
	cost     float64 // tokens
	signs    signs   // what the trace shows, each in units of its own
	factor   float64 // of a rule, on the weight; 0 where only the floor counts
	weight   float64 // the outcome: interest, in units of the cut-offs of the signs
	floor    float64 // probability that does not depend on interest: the baseline, or that of a rule
	rank     float64 // uniform in (0, 1]: kept iff rank <= probability
	sure     bool    // keep rule: no cap applies
	out      bool    // drop rule
	apart    bool    // the outcome: sampled on its own terms, because of its size or of a debt
	large    bool    // the outcome: because of its size
	p        float64 // the outcome: probability of being kept
	admitted bool    // the outcome: fits under the cap
}

// priority orders candidates: a trace is kept with probability p at the cut-off tau exactly if its priority exceeds tau
// (priority sampling, Duffield, Lund and Thorup 2007, with a floor). Those within their floor come before all others, in
// the order in which a shrinking floor would reach them.
func (c *candidate) priority() (class int, value float64) {
	if c.rank <= c.floor {
		return 1, c.floor / c.rank
	}
	if c.floor >= 1 || c.weight <= 0 {
		return 0, 0
	}
	return 0, c.weight * (1 - c.floor) / (c.rank - c.floor)
}

// probability of keeping a candidate at the cut-off tau, its floor scaled by scale.
func (c *candidate) probability(tau, scale float64) float64 {
	f := c.floor * scale
	switch {
	case c.factor == 0 || math.IsInf(tau, 1):
		return f
	case tau <= 0:
		return 1
	}
	return min(1, f+(1-f)*min(1, c.weight/tau))
}

// selector decides what is kept of each collection of candidates.
type selector struct {
	allowance allowance
	bySign    [signCount]cutoff // what each sign would keep with its share of the budget alone
	cutoff    cutoff            // of the weights
	baseline  float64
	interest  signs   // share of the budget above the baseline
	offered   float64 // decayed cost a second that comes up for decision
	sure      float64 // the same of traces that a rule keeps
	seen      time.Duration
	recent    recentRate
	last      time.Duration
	order     []int32
	sums      []float64
	signTau   signs
	enough    [signCount]float32 // signTau as strengths
	tau       float64            // of the last selection, before the cap
	capped    bool               // the hard cap was at work in the last selection
	rules     float64            // what keep rules have taken and not paid yet
	overrun   float64            // what they have taken beyond what they may, so far
	large     uint64             // traces so far that cost more than the budget holds at a time
}

func newSelector(b Budget, baseline float64, in Interest) *selector {
	return &selector{
		allowance: newAllowance(b), baseline: baseline,
		interest: signs{signLatency: in.Latency, signError: in.Error, signRarity: in.Rarity},
	}
}

// ready tells whether a collection begun at the last selection should be decided now: after selectInterval, and a little
// longer while the budget is overdrawn.
func (s *selector) ready(now time.Duration, offered float64) bool {
	waited := now - s.last
	if waited < selectInterval {
		return false
	}
	return s.allowance.soon(now, waited, offered) > 0 || waited >= maxCollect
}

// budgetRate is the budget as a cost a second.
func (s *selector) budgetRate() float64 {
	if s.allowance.budget.Unit == SharePercent {
		return s.allowance.budget.Value / 100 * (s.offered + s.sure)
	}
	return s.allowance.budget.Value
}

// share is the part of what is offered that the budget can hold beside the keep rules. Those cannot take the baseline's part:
// every trace must have a chance, or nothing could be said about those that have none.
func (s *selector) share() float64 {
	budget := s.budgetRate()
	const rounding = 1e-9 // a budget of 100 % keeps everything, whatever its rounding
	if all := s.offered + s.sure; budget >= all*(1-rounding) {
		return 1
	}
	return min(1, max(budget-s.sure, s.reserve()*budget)/s.offered)
}

// reserve is the share of the budget that rules leave to the other traces.
func (s *selector) reserve() float64 { return max(s.baseline, minShare) }

const minShare = 0.01

// aim corrects the share by how full the bucket is: a little more than the budget when it is full, less when it is nearly
// empty. It settles where the bucket is half full, so that the hard cap has little to do.
func (s *selector) aim() float64 {
	const low, high = 0.1, 1.9
	return low + (high-low)*s.allowance.level()
}

// used is the share of the last seconds' budget that was spent, what rules have taken beyond it included.
func (s *selector) used() float64 {
	used := s.allowance.used()
	if rate := s.budgetRate(); rate > 0 {
		used += max(0, s.sure-(1-s.reserve())*rate) / rate
	}
	return used
}

// rulesExceed tells whether keep rules take more than they may: the budget less what is reserved for other traces.
func (s *selector) rulesExceed() bool {
	const rounding = 1e-9
	return s.sure > (1-s.reserve())*s.budgetRate()*(1+rounding)
}

// floor is the probability that every trace has whatever its interest. Rules do not lower it.
func (s *selector) floor() float64 {
	share := s.share()
	if share >= 1 {
		return s.baseline
	}
	return min(share, s.baseline*s.budgetRate()/s.offered)
}

// decide fills p, large and admitted of all candidates.
func (s *selector) decide(now time.Duration, cs []candidate) {
	since := now - s.last
	s.last = now
	var offered, reckoned, sure float64
	for i := range cs {
		switch c := &cs[i]; {
		case c.out:
		case c.sure:
			sure += c.cost
		default:
			offered += c.cost
			reckoned += s.counted(c)
			s.allowance.learnTrace(s.counted(c))
			if d := s.allowance.depth(); d > 0 && c.cost > d {
				s.large++
			}
		}
	}
	s.remember(since, len(cs), reckoned, sure)
	s.allowance.earn(now, since, offered+sure)
	s.payRules(sure, s.allowance.worth(since, offered+sure))

	floor := s.floor()
	for i := range cs {
		c := &cs[i]
		if c.out || c.sure {
			c.admitted = c.sure
			if c.sure {
				c.p = 1
			}
			continue
		}
		if c.floor < 0 {
			c.floor = floor
		}
	}
	s.weigh(cs)
	// What the floor takes is not left for interest, and what it keeps need not be kept again.
	s.tau = 0
	if share := s.share(); share < 1 {
		s.tau = s.cutoff.tau(s.aim() * (share - floor) / max(1e-9, 1-floor))
	}
	s.admit(cs, s.tau)
}

// payRules takes the cost of what keep rules keep from what is earned, but for the part that is reserved for other traces. What is
// not paid is owed for a while, so that a burst of such traces is paid like any other; beyond that it is overrun.
func (s *selector) payRules(cost, earned float64) {
	s.rules += cost
	paid := min(s.rules, (1-s.reserve())*earned)
	s.rules -= paid
	s.allowance.spend(paid)
	if most := maxDebt * s.allowance.rate; s.rules > most {
		s.overrun += s.rules - most
		s.rules = most
	}
}

// counted is the part of a candidate's cost that cut-offs reckon with: a trace that costs more than the budget holds at a time is
// seldom kept, and what is not spent on it is there for others.
func (s *selector) counted(c *candidate) float64 {
	if depth := s.allowance.depth(); depth > 0 {
		return min(c.cost, depth)
	}
	return c.cost
}

// split is the part of what is offered that each sign may fill: its share of the budget above the baseline, and of what others
// cannot use a part in proportion to its share.
func (s *selector) split() signs {
	left := s.share() - s.floor()
	var parts signs
	open, shares := signs{}, 0.0 // shares of the signs that could use more
	for k, share := range s.interest {
		open[k] = share
		shares += share
	}
	for full := true; full && shares > 0; {
		full = false
		for k, share := range open {
			if shown := s.bySign[k].shown(); share > 0 && shown < left*share/shares {
				parts[k] = shown
				left -= shown
				shares -= share
				open[k] = 0
				full = true
				break
			}
		}
	}
	for k, share := range open {
		if share > 0 {
			parts[k] = left * share / shares
		}
	}
	return parts
}

// weigh puts the signs on one scale: a sign weighs 1 where it alone would be reason enough to keep the trace, given its
// share of the budget. So no sign can crowd out the others, whatever its units, and an error storm raises its own cut-off.
func (s *selector) weigh(cs []candidate) {
	tau := &s.signTau
	for k := range tau {
		for i := range cs {
			if c := &cs[i]; !c.out && !c.sure && c.factor > 0 {
				s.bySign[k].add(c.signs[k], s.counted(c))
			}
		}
	}
	for k, part := range s.split() {
		tau[k] = s.bySign[k].tau(part)
		s.enough[k] = float32(strengthOf(sign(k), tau[k]))
	}
	for i := range cs {
		c := &cs[i]
		if c.out || c.sure {
			continue
		}
		c.weight = 1
		for k, w := range c.signs {
			if w > 0 {
				c.weight *= 1 + min(w/tau[k], maxSignWeight)
			}
		}
		c.weight = (c.weight - 1 + unremarkable) * c.factor
		s.cutoff.add(c.weight, s.counted(c))
	}
}

// unremarkable is the weight of a trace without any sign: what is left of the budget is spread over such traces evenly, and
// none has no chance at all.
const unremarkable = 1e-6

// maxSignWeight bounds what a sign can weigh where its share would hold everything that shows it.
const maxSignWeight = 1e6

// strongest is the sign that gave a candidate most of its weight.
func (s *selector) strongest(c *candidate) sign {
	best, at := 0.0, signNone
	for k, w := range c.signs {
		if w > 0 {
			if v := min(w/s.signTau[k], maxSignWeight); v > best {
				best, at = v, sign(k)
			}
		}
	}
	return at
}
