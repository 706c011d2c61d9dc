package compare

import (
	"cmp"
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Apart is what tells the traces of one selection from those of another: services, operations, paths, values of attributes and errors
// that the traces of one have more often. It is about traces, of which each has a property or has it not. How long they take, and how
// often they do something, is what Compare is about.
type Apart struct {
	FDR      float64
	Tests    int        // properties that were compared
	Keys     int        // attributes that those are values of
	Enough   bool       // there are enough traces on both sides to say anything
	Telling  []Property // what tells the two apart; what separates best comes first
	Selected []Property // what the selections were made by: it differs in any case
	Rest     []Property // compared, and not flagged

	Consequences []Measure // left out of the diff, for the selections differ in them by themselves
}

// Property is something that a trace has or has not.
type Property struct {
	snapshot.Identity
	Failed         bool    // not that a trace has the group, but that it has an error there; of all traces: that its root failed
	TracesA        uint64  // that have it, raw count
	TracesB        uint64  //
	ShareA, ShareB float64 // of the traces of the side, adjusted
	Difference     float64 // B - A
	Low, High      float64 // 95 % confidence interval of the difference; NaN where it was not tested
	P              float64 // NaN where it was not tested
	Q              float64 // false discovery rate at which it would be flagged, over all that was compared
	Flagged        bool
	Same           []Property // other flagged ones that, as far as counts show, the same traces have
	Exemplars      []string   // trace ids that show it, of B where B has it more often

	attainable float64 // smallest p that the test could have given; 0 for tests that are not discrete
	counts     uint64  // hash of its counts in all time slices of both sides
}

// leastDifference of shares is worth flagging, however sure it is.
const leastDifference = 0.02

// TellApart compares the properties of two selections of traces that have none in common: of one window, or of one each. selected
// tells what the selections were made by.
func TellApart(a, b *snapshot.Snapshot, fdr float64, selected func(*Property) bool) *Apart {
	s := newSelections(a, b)
	result := &Apart{FDR: fdr, Enough: s.enough()}
	keys := map[string]bool{}
	var list []Property
	for _, c := range s.candidates(pairs(a, b)) {
		p := s.describe(&c)
		switch {
		case selected(&p):
			result.Selected = append(result.Selected, p)
		case result.Enough && !c.folded && s.test(&c, &p):
			list = append(list, p)
			if p.Kind == snapshot.Attribute {
				keys[p.Key] = true
			}
		}
	}
	result.Tests, result.Keys = len(list), len(keys)
	levelProperties(list)
	for _, p := range list {
		if p.Flagged = p.Q <= fdr && math.Abs(p.Difference) >= leastDifference; p.Flagged {
			result.Telling = append(result.Telling, p)
		} else {
			result.Rest = append(result.Rest, p)
		}
	}
	for _, l := range [...][]Property{result.Selected, result.Telling, result.Rest} {
		slices.SortFunc(l, separatesBetter)
	}
	result.Telling, result.Selected = gather(result.Telling), gather(result.Selected)
	return result
}

// separatesBetter puts the larger difference first, then the surer one, and what is more common in B before what is less.
func separatesBetter(x, y Property) int {
	return cmp.Or(
		cmp.Compare(math.Abs(y.Difference), math.Abs(x.Difference)), cmp.Compare(x.Q, y.Q), cmp.Compare(y.Difference, x.Difference),
		cmp.Compare(x.rank(), y.rank()), x.Compare(&y.Identity))
}

// rank orders properties that the same traces have: attributes say most.
func (p *Property) rank() int {
	switch {
	case p.Failed:
		return 4
	case p.Kind == snapshot.Attribute:
		return 0
	case p.Kind == snapshot.Operation:
		return 1
	case p.Kind == snapshot.Service:
		return 2
	}
	return 3
}

// gather puts those that the same traces have under the first of them: one selection by a route has the route, its operation, its path,
// and a dozen attributes that go with these. They are sorted already.
func gather(list []Property) (firsts []Property) {
	at := map[uint64]int{}
	for _, p := range list {
		if i, ok := at[p.counts]; ok {
			firsts[i].Same = append(firsts[i].Same, p)
			continue
		}
		at[p.counts] = len(firsts)
		firsts = append(firsts, p)
	}
	return firsts
}

// levelProperties gives each property its q. Families are the keys of attributes, and the other kinds of groups.
func levelProperties(list []Property) {
	type family struct {
		kind   snapshot.Kind
		key    string
		failed bool
	}
	number := map[family]int{}
	var fams families
	var index [][]int
	for i := range list {
		p := &list[i]
		of := family{p.Kind, p.Key, p.Failed}
		n, ok := number[of]
		if !ok {
			n = len(fams)
			number[of] = n
			fams, index = append(fams, nil), append(index, nil)
		}
		fams[n], index[n] = append(fams[n], trial{p: p.P, least: p.attainable}), append(index[n], i)
	}
	for n, levels := range fams.levels() {
		for j, i := range index[n] {
			list[i].Q = levels[j]
		}
	}
}
