package migrate

import (
	"math"
	"slices"
)

// draw is a share of the traces that is chosen by a hash of the trace id: those whose hash lies between low and high, of 0 to 1.
type draw struct {
	salt      string
	low, high float64
}

// term is one of the alternatives that a policy consists of.
type term struct {
	clause clause
	draws  []draw  // one for each salt; the trace must be in all of them
	limits []limit // the trace must fit into all of them
}

// limit is how much a policy may keep a second.
type limit struct {
	unit  string // spans_per_second or bytes_per_second, as in budget
	value string // a number, or a reference to the environment
}

// probability of a trace to be in all draws; those with different salts are independent.
func (t *term) probability() float64 {
	p := 1.0
	for _, d := range t.draws {
		p *= d.high - d.low
	}
	return math.Round(p*1e12) / 1e12
}

// plain tells whether the draw is what one probability can say about several policies: the lowest share of one hash.
func (t *term) plain() bool {
	return len(t.draws) == 0 || len(t.draws) == 1 && t.draws[0].low == 0
}

// conjunction is the alternatives in which one of a and one of b holds.
func conjunction(a, b []term) []term {
	var out []term
	for _, x := range a {
		for _, y := range b {
			c, ok := x.clause.and(y.clause...)
			if !ok {
				continue
			}
			draws, ok := meet(x.draws, y.draws)
			if !ok {
				continue
			}
			out = append(out, term{clause: c, draws: draws, limits: append(slices.Clone(x.limits), y.limits...)})
		}
	}
	return out
}

func meet(a, b []draw) ([]draw, bool) {
	out := slices.Clone(a)
	for _, d := range b {
		i := slices.IndexFunc(out, func(o draw) bool { return o.salt == d.salt })
		if i < 0 {
			out = append(out, d)
			continue
		}
		out[i].low, out[i].high = max(out[i].low, d.low), min(out[i].high, d.high)
		if out[i].low >= out[i].high {
			return nil, false
		}
	}
	return out, true
}

// opposite is the alternatives of which one holds exactly where none of ts does. It returns false for limits, which depend on more
// than the trace, and where there would be too many.
func opposite(ts []term) ([]term, bool) {
	out := []term{{}}
	for _, t := range ts {
		if len(t.limits) > 0 {
			return nil, false
		}
		var alternatives []term
		for _, l := range t.clause {
			alternatives = append(alternatives, term{clause: clause{l.not()}})
		}
		for _, d := range t.draws {
			if d.low > 0 {
				alternatives = append(alternatives, term{draws: []draw{{d.salt, 0, d.low}}})
			}
			if d.high < 1 {
				alternatives = append(alternatives, term{draws: []draw{{d.salt, d.high, 1}}})
			}
		}
		if out = conjunction(out, alternatives); len(out) > maxTerms {
			return nil, false
		}
	}
	return out, true
}

// maxTerms bounds the alternatives of one policy.
const maxTerms = 16
