package compare

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// calling are the pairs of calls, each "service operation" to "service operation".
func calling(calls ...[4]string) (match []pair) {
	for _, c := range calls {
		match = append(match, pair{id: snapshot.Identity{Kind: snapshot.Edge, CallerService: c[0], Caller: c[1], Service: c[2], Value: c[3]}})
	}
	return match
}

func losing(service, name string, lost float64) suspect {
	p := &pair{id: snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: name}}
	return suspect{service: service, lost: lost, sites: []*site{{of: p, measure: Latency, lost: lost, peers: [2]string{service, ""}}}}
}

func servicesIn(list []suspect) (names []string) {
	for i := range list {
		names = append(names, list[i].service)
	}
	return names
}

// Who loses about as much while it waits for another comes after that one; who loses much more does something else as well.
func TestCallersComeAfterThoseTheyWaitFor(t *testing.T) {
	g := newCallGraph(calling([4]string{"web", "get", "shop", "buy"}, [4]string{"shop", "buy", "db", "query"}, [4]string{"web", "get", "mail", "send"}))
	list := []suspect{losing("web", "get", 5), losing("shop", "buy", 4.8), losing("db", "query", 4.6), losing("mail", "send", 0.1)}
	assert.Equal(t, []string{"db", "shop", "web", "mail"}, servicesIn(demoteCallers(list, g, nil)))
	list = []suspect{losing("web", "get", 50), losing("shop", "buy", 4.8), losing("db", "query", 4.6)}
	assert.Equal(t, []string{"web", "db", "shop"}, servicesIn(demoteCallers(list, g, nil)))
}

// Three services each of which waits for the next: none comes first by right, and the search for one must end.
func TestServicesThatWaitInACircle(t *testing.T) {
	g := newCallGraph(calling([4]string{"a", "1", "b", "x"}, [4]string{"b", "2", "c", "x"}, [4]string{"c", "3", "a", "x"}))
	got := servicesIn(demoteCallers([]suspect{losing("a", "x", 3), losing("b", "x", 2), losing("c", "x", 2)}, g, nil))
	assert.ElementsMatch(t, []string{"a", "b", "c"}, got)
}

// A search changes neither what it is asked nor another search.
func TestReach(t *testing.T) {
	g := newCallGraph(calling(
		[4]string{"a", "", "b", ""}, [4]string{"b", "", "c", ""}, [4]string{"c", "", "b", ""}, [4]string{"c", "", "c", ""}, [4]string{"d", "", "c", ""},
	))
	number := func(service string) int { return g.number[operation{service, ""}] }
	names := func(found []int) (list []string) {
		for _, o := range found {
			list = append(list, g.operations[o].service)
		}
		slices.Sort(list)
		return list
	}
	from := slices.Grow([]int{number("b")}, 10)
	for range 2 {
		assert.Equal(t, []string{"b", "c"}, names(g.reach(from, g.callees, nil)))
		assert.Equal(t, []string{"a", "b", "c", "d"}, names(g.reach(from, g.callers, nil)))
	}
	assert.Equal(t, []int{number("b")}, from)
	assert.Equal(t, []string{"a"}, names(g.reach([]int{number("a")}, g.callers, nil)))
	assert.False(t, g.entry(operation{"a", ""}), "it is not known as an operation")
}
