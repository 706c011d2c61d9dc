package migrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tailsampling"
)

// verb is what is done with the traces of an item, in order of precedence: tail_sampling drops before it samples, and what one policy
// samples no other can take back.
type verb uint8

const (
	drop verb = iota
	thin      // drop a share, and leave the others to the items that follow
	keep
	weigh       // leave to the budget, with a weight
	probability // keep a share
)

// action is a verb with its value: the weight, the probability, or the share that thin drops.
type action struct {
	verb  verb
	value float64
}

// item is one term of a policy, and what to do with its traces.
type item struct {
	clause clause
	action action
	draws  []draw
	owner  *policy
	name   string
}

// rule is a rule of smart_tail_sampling.
type rule struct {
	clause clause
	action action
	owner  *policy // nil: the traces that no policy samples
	name   string
	merged bool      // one span must fulfil what any spans could
	aside  []*policy // because of which it stands before others: it is about traces that these exclude, or drop a share of
}

// compiler builds the list of rules.
type compiler struct {
	made int // rules so far, those of alternatives included
}

// frame is where in the list of rules a part of it is built.
type frame struct {
	within clause // what every rule of the part asks for
	facts  clause // what else is known of the traces that come there
	rest   action // for those that no item is about
	aside  []*policy
}

func (f *frame) deeper(within, facts clause, p *policy) *frame {
	return &frame{within: within, facts: facts, rest: f.rest, aside: append(slices.Clone(f.aside), p)}
}

// Bounds of what is built: of smart_tail_sampling's own configuration, and of the attempts at it.
const (
	maxRules = 1000
	maxDepth = 6
	maxMade  = 20_000
)

// order sorts items by precedence. What needs no exclusions comes first within the same action, since exclusions repeat what follows.
func order(items []item) {
	slices.SortStableFunc(items, func(a, b item) int {
		c := cmp.Compare(a.action.verb, b.action.verb)
		if c == 0 && a.action.verb == probability {
			c = cmp.Compare(b.action.value, a.action.value)
		}
		if c == 0 {
			_, x := a.clause.split()
			_, y := b.clause.split()
			c = cmp.Compare(len(x), len(y))
		}
		return c
	})
}

// compile builds the rules of as many of the items as fit; the others are returned.
func compile(items []item, rest action) (rules []rule, left []item) {
	order(items)
	try := func(n int) ([]rule, bool) {
		c := &compiler{}
		rules, ok := c.list(items[:n], &frame{rest: rest})
		whole := 0
		for i := range rules {
			if rules[i].whole() {
				whole++
			}
		}
		return rules, ok && len(rules) <= maxRules && whole <= tailsampling.MaxWhole
	}
	if rules, ok := try(len(items)); ok {
		return rules, nil
	}
	low, high := 0, len(items)
	for low+1 < high {
		if middle := (low + high) / 2; second(try(middle)) {
			low = middle
		} else {
			high = middle
		}
	}
	rules, _ = try(low)
	return rules, items[low:]
}

func second[A, B any](_ A, b B) B { return b }

// whole tells whether the rule asks for more than a span.
func (r *rule) whole() bool {
	return slices.ContainsFunc(r.clause, func(l literal) bool { return l.fact != spanMatches })
}

// list builds the rules for the traces of a frame, which no rule before has matched. All of them are matched in the end. It returns
// false where that takes too many rules.
//
// A literal that a rule cannot ask for, such as that no span matches, is excluded by rules before: those traces go by the items
// that follow, and what is left fulfils it.
func (c *compiler) list(items []item, f *frame) ([]rule, bool) {
	if c.made > maxMade || len(f.aside) > maxDepth {
		return nil, false
	}
	var out []rule
	facts := f.facts
	for i, it := range items {
		asked, ok := it.clause.given(facts)
		if !ok {
			continue
		}
		asked, excluded := asked.split()
		for _, l := range excluded {
			rules, all, ok := c.exclude(items[i+1:], f.deeper(f.within, facts, it.owner), asked, l.not())
			if !ok {
				return nil, false
			}
			out = append(out, rules...)
			if all {
				facts, _ = facts.and(l)
			}
		}
		at, ok := f.within.and(asked...)
		if !ok {
			continue
		}
		if it.action.verb == thin {
			known, _ := facts.and(asked...)
			part := f.deeper(at, known, it.owner)
			part.rest = scaled(f.rest, it)
			rules, ok := c.list(thinned(items[i+1:], it), part)
			if !ok {
				return nil, false
			}
			out = append(out, rules...)
		} else {
			out = append(out, c.rule(at, it.action, it.owner, it.name, f))
		}
		if len(asked) == 0 {
			return out, true
		}
		if len(asked) == 1 {
			if facts, ok = facts.and(asked[0].not()); !ok {
				return out, true
			}
		}
	}
	for len(out) > 0 && len(f.aside) > 0 && out[len(out)-1].action == f.rest.normal() {
		out = out[:len(out)-1] // the last one says the same
	}
	return append(out, c.rule(f.within, f.rest, nil, others, f)), true
}

// others names the rules for the traces that no policy samples.
const others = "others"

func (c *compiler) rule(at clause, a action, owner *policy, name string, f *frame) rule {
	c.made++
	return rule{clause: at, action: a.normal(), owner: owner, name: name, merged: at.matches() > 1, aside: f.aside}
}

// exclude builds the rules for all traces of the frame for which l holds. Where that would ask one span for what several may fulfil,
// it builds them only for those for which asked holds as well, if that helps; then all is false.
func (c *compiler) exclude(items []item, f *frame, asked clause, l literal) (rules []rule, all, ok bool) {
	wide, okWide := c.guarded(items, f, clause{l})
	if okWide && merged(wide) == 0 {
		return wide, true, true
	}
	narrow, okNarrow := c.guarded(items, f, append(clause{l}, asked...))
	if okNarrow && (!okWide || merged(narrow) < merged(wide)) {
		return narrow, false, true
	}
	return wide, true, okWide
}

func (c *compiler) guarded(items []item, f *frame, guard clause) ([]rule, bool) {
	at, ok := f.within.and(guard...)
	if !ok {
		return nil, true
	}
	known, ok := f.facts.and(guard...)
	if !ok {
		return nil, true
	}
	return c.list(items, &frame{within: at, facts: known, rest: f.rest, aside: f.aside})
}

func merged(rules []rule) int {
	n := 0
	for i := range rules {
		if rules[i].merged {
			n++
		}
	}
	return n
}

// thinned is what is left of items where a share of their traces is dropped.
func thinned(items []item, by item) []item {
	out := slices.Clone(items)
	for i := range out {
		switch it := &out[i]; it.action.verb {
		case thin: // of what is left
		case keep, probability:
			it.action = action{probability, share(it.draws, by)}
		}
	}
	return slices.DeleteFunc(out, func(it item) bool { return it.action.verb == probability && it.action.value <= 0 })
}

func scaled(a action, by item) action {
	if a.verb == probability {
		a.value *= 1 - by.action.value
	}
	return a
}

// share is the part of what is drawn that is not dropped: of one hash the rest of an interval, of several a product.
func share(draws []draw, by item) float64 {
	p := (&term{draws: draws}).probability()
	if len(draws) == 1 && len(by.draws) == 1 && draws[0].salt == by.draws[0].salt {
		a, b := draws[0], by.draws[0]
		both := max(0, min(a.high, b.high)-max(a.low, b.low))
		return math.Round((p-both)*1e12) / 1e12
	}
	return math.Round(p*(1-by.action.value)*1e12) / 1e12
}
