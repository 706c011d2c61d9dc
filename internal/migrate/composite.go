package migrate

import (
	"maps"
	"math"
	"slices"
	"strconv"
)

// part is a sub-policy of a composite, with the weight of its traces in the budget.
type part struct {
	name   string
	terms  []term
	weight float64
}

// composite reads policies of which the first that samples a trace decides, each with a part of the spans a second. Here they share
// the budget, and have weights in proportion to their parts.
func (p *policy) composite(r *reader) {
	section := r.below("composite")
	total := section.integer("max_total_spans_per_second")
	if len(section.texts("policy_order")) > 0 {
		p.note(Same, "policy_order never had an effect: sub-policies are asked in the order of their list")
	}
	allocated := p.allocations(section)
	subs := section.list("composite_sub_policy")
	r.rest(section)
	if len(subs) == 0 || total <= 0 {
		p.note(Same, "it has no sub-policies or no spans a second, so it never samples")
		return
	}
	sum, most := 0.0, 0.0
	for _, n := range subs {
		inner, ok := p.inner(n)
		if !ok {
			return
		}
		one := part{name: inner.text("name"), weight: 1 / float64(len(subs))}
		one.terms = p.readFrom(inner, inComposite)
		if share, given := allocated[one.name]; !given {
			p.differs("sub-policy %s has no rate_allocation: tail_sampling before v0.159 never sampled for it, later ones give it an equal part, as is done here", one.name)
		} else if share > 0 {
			one.weight = min(1, share)
		}
		delete(allocated, one.name)
		p.parts = append(p.parts, one)
		sum, most = sum+one.weight, max(most, one.weight)
	}
	for i := range p.parts {
		p.parts[i].weight = math.Round(p.parts[i].weight/most*1e4) / 1e4
	}
	for _, name := range slices.Sorted(maps.Keys(allocated)) {
		p.note(Same, "rate_allocation names %s, which is none of its sub-policies: that part was never used", strconv.Quote(name))
	}
	if sum < 1-1e-9 {
		p.differs("its parts are %v %% together; the rest was never used, and is not in the budget", math.Round(sum*100))
	}
	p.differs("each sub-policy had a part to itself; now all share the budget, and weights say how strongly each attracts it")
	p.limits = append(p.limits, limit{"spans_per_second", strconv.FormatFloat(math.Round(float64(total)*sum), 'f', -1, 64)})
}

// allocations is the part of each sub-policy that has one.
func (p *policy) allocations(section *reader) map[string]float64 {
	out := map[string]float64{}
	for _, n := range section.list("rate_allocation") {
		inner, ok := p.inner(n)
		if !ok {
			continue
		}
		name, percent := inner.text("policy"), inner.integer("percent")
		section.problems = append(section.problems, inner.problems...)
		out[name] = float64(percent) / 100
	}
	return out
}
