package migrate

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// items turns policies into what is to be done with which traces.
func items(policies []*policy) []item {
	var out []item
	for _, p := range policies {
		if p.kind == Lost && len(p.terms) == 0 && len(p.parts) == 0 {
			continue
		}
		for _, t := range p.terms {
			if !p.drops && len(p.limits) == 0 {
				p.limits = p.strictest(t.limits)
			}
			if it, ok := p.item(t, p.name, 1); ok {
				out = append(out, it)
			}
		}
		for _, part := range p.parts {
			for _, t := range part.terms {
				t.limits = append(slices.Clone(t.limits), p.limits...)
				if it, ok := p.item(t, p.name+"-"+part.name, part.weight); ok {
					out = append(out, it)
				}
			}
		}
	}
	return out
}

// item is what a policy does with the traces of one of its terms. It returns false where that is nothing.
func (p *policy) item(t term, name string, weight float64) (item, bool) {
	it := item{clause: t.clause, draws: t.draws, owner: p, name: name, action: action{verb: keep}}
	chance := t.probability()
	if chance <= 0 {
		return it, false
	}
	switch {
	case p.drops && len(t.limits) > 0:
		p.lost("dropping up to a limit has no counterpart")
		return it, false
	case p.drops && chance < 1:
		it.action = action{thin, chance}
	case p.drops:
		it.action = action{verb: drop}
	case chance < 1:
		it.action = action{probability, chance}
	case len(t.limits) > 0:
		it.action = action{weigh, weight}
	}
	return it, true
}

// strictest is the lowest of several limits that all hold.
func (p *policy) strictest(ls []limit) []limit {
	if len(ls) < 2 {
		return ls
	}
	lowest := slices.MinFunc(ls, func(a, b limit) int {
		x, errX := strconv.ParseFloat(a.value, 64)
		y, errY := strconv.ParseFloat(b.value, 64)
		if errX != nil || errY != nil || a.unit != b.unit {
			return 0
		}
		return cmp.Compare(x, y)
	})
	for _, l := range ls {
		if l.unit != lowest.unit || reference.MatchString(l.value) || reference.MatchString(lowest.value) {
			p.lost("%s of %s besides %s of %s: one limit is in the budget, the other has no counterpart", l.unit, l.value, lowest.unit, lowest.value)
			break
		}
	}
	return []limit{lowest}
}

// budget adds up the limits of all policies. Without any, nothing is limited.
func budget(policies []*policy) (unit, value string) {
	var sum float64
	var references []string
	for _, p := range policies {
		for _, l := range p.limits {
			n, err := strconv.ParseFloat(l.value, 64)
			switch {
			case unit != "" && unit != l.unit:
				p.lost("%s of %s: the budget has one unit, and is in %s already", l.unit, l.value, unit)
				continue
			case err != nil:
				references = append(references, l.value)
			default:
				sum += n
			}
			unit = l.unit
		}
	}
	switch {
	case unit == "":
		return "percentage", "100"
	case len(references) == 0:
		return unit, number(sum)
	case len(references) == 1 && sum == 0:
		return unit, references[0]
	}
	for _, p := range policies {
		for _, l := range p.limits {
			if slices.Contains(references, l.value) {
				p.lost("%s cannot be added to other limits before the collector starts; add it to budget::%s", l.value, unit)
			}
		}
	}
	if sum == 0 {
		return unit, references[0]
	}
	return unit, number(sum)
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// warn notes what follows from several policies together.
func warn(policies []*policy, all []item, rules []rule) {
	limited := slices.ContainsFunc(policies, func(p *policy) bool { return len(p.limits) > 0 })
	byBudget := slices.ContainsFunc(all, func(it item) bool { return it.action.verb == weigh })
	var drawn []item
	for _, it := range all {
		if len(it.draws) > 0 {
			drawn = append(drawn, it)
		}
		if it.owner.kind == Lost {
			continue
		}
		if it.action.verb == weigh {
			it.owner.differs("the limit became the budget: of the traces that no keep rule takes it keeps the most remarkable, and each with a probability; " +
				"what keep rules take counts, a fifth (baseline) aside, and no burst is saved up")
		}
		if it.action.verb == probability && byBudget {
			it.owner.differs("traces that a limit is about as well go by the budget alone, which may keep a smaller share of them")
		}
		if it.action.verb == probability && len(it.owner.limits) > 0 {
			it.owner.differs("the limit became a part of the budget, which all rules share")
		}
	}
	if len(drawn) > 1 && independent(drawn) {
		for _, it := range drawn {
			it.owner.differs("a trace that several policies of a probability apply to is kept with the highest of these, by one draw; draws were independent of each other")
		}
	}
	for _, it := range all {
		if it.action.verb == thin && limited {
			it.owner.differs("of traces that go by the budget no share is dropped")
		}
	}
	for i := range rules {
		r := &rules[i]
		if !r.merged {
			continue
		}
		for _, p := range append(slices.Clone(r.aside), r.owner) {
			if p != nil {
				p.differs("different spans could fulfil the conditions of rule %s; now one span must fulfil them all", r.name)
			}
		}
	}
}

// independent tells whether one probability cannot say what the draws of several items do together: the traces drawn by one are not
// among those drawn by the next.
func independent(drawn []item) bool {
	for _, it := range drawn {
		t := term{draws: it.draws}
		if !t.plain() || it.draws[0].salt != drawn[0].draws[0].salt {
			return true
		}
	}
	return false
}

// names gives each rule the name of its policy, numbered where there are several.
func names(rules []rule) {
	seen := map[string]bool{}
	for i := range rules {
		base := rules[i].name
		name := base
		for n := 2; seen[name]; n++ {
			name = base + "-" + strconv.Itoa(n)
		}
		seen[name] = true
		rules[i].name = name
	}
}

// normal leaves no probability that is not one.
func (a action) normal() action {
	if a.verb == probability && a.value >= 1 {
		return action{verb: keep}
	}
	a.value = math.Round(a.value*1e12) / 1e12
	return a
}
