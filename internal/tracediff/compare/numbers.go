package compare

import (
	"sort"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// numbers are those of the changes of a diff, by the pair of groups and the measure that they are about.
type numbers struct {
	match  []pair          // as pairs makes them
	gone   int             // the first pair that only the first side has
	byPair [][tested]int32 // one more than the number; 0: there is no such change
}

// numbered finds the changes that were found on some pairs.
func numbered(changes []Change, match []pair) *numbers {
	n := &numbers{match: match, byPair: make([][tested]int32, len(match))}
	n.gone = sort.Search(len(match), func(i int) bool { return match[i].b == nil })
	for i := range changes {
		n.byPair[changes[i].pair][changes[i].Measure.family()] = int32(i + 1)
	}
	return n
}

// of is the number of the change of a pair.
func (n *numbers) of(pair int, m Measure) (number int, ok bool) {
	at := n.byPair[pair][m.family()]
	return int(at) - 1, at > 0
}

// find is the number of the change of a group.
func (n *numbers) find(id *snapshot.Identity, m Measure) (number int, ok bool) {
	if id.Kind == snapshot.Total {
		return n.of(0, m)
	}
	for _, run := range [...][]pair{n.match[1:n.gone], n.match[n.gone:]} { // both in the order of identities
		at := sort.Search(len(run), func(i int) bool { return run[i].id.Compare(id) >= 0 })
		if at < len(run) && run[at].id == *id {
			return n.of(int(run[at].number), m)
		}
	}
	return -1, false
}
