package compare

import (
	"cmp"
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// suspect is a service that may be at fault, and the sites that speak for it.
type suspect struct {
	service string
	sites   []*site
	lost    float64 // sum over the sites, as a positive number
}

// main is the site that speaks most for the suspect, one that is flagged by preference.
func (s *suspect) main() *site {
	return slices.MaxFunc(s.sites, func(x, y *site) int {
		if x.flagged != y.flagged {
			if x.flagged {
				return 1
			}
			return -1
		}
		return cmp.Compare(math.Abs(x.lost), math.Abs(y.lost))
	})
}

func (s *suspect) flagged() bool {
	return slices.ContainsFunc(s.sites, func(x *site) bool { return x.flagged })
}

// blame distributes what was lost to as few services as explain it, those that explain most first. A wait lies between two
// services. It is laid to the callee, unless the caller waits about as long for most of its callees: then its own network is slow.
func blame(sites []site, calls map[string]map[string]bool, g *callGraph, seen func(int, int) bool) (list []suspect) {
	left := make([]*site, len(sites))
	for i := range sites {
		left[i] = &sites[i]
	}
	for len(left) > 0 {
		hubs := hubs(left, calls)
		lost := map[string]float64{}
		for _, s := range left {
			for _, service := range s.blamed(hubs) {
				lost[service] += math.Abs(s.lost)
			}
		}
		best := suspect{lost: -1}
		for service, l := range lost {
			if l > best.lost || l == best.lost && service < best.service {
				best.service, best.lost = service, l
			}
		}
		left = slices.DeleteFunc(left, func(s *site) bool {
			if !slices.Contains(s.blamed(hubs), best.service) {
				return false
			}
			best.sites = append(best.sites, s)
			return true
		})
		list = append(list, best)
	}
	return demoteCallers(list, g, seen)
}

// blamed are the services that a site may be laid to.
func (s *site) blamed(hubs map[string]bool) []string {
	if s.measure == Waiting && s.peers[1] != s.peers[0] && hubs[s.peers[1]] {
		return s.peers[:]
	}
	return s.peers[:1]
}

const (
	// parallelLoss is by how many times more a caller may lose than its callee and still be taken to lose it to the callee, in spans
	// beside the call. What it lost beyond that is its own.
	parallelLoss = 1.25
	// comparableLoss is by how many times a service may be waited for less than it waits for others, and still be at fault itself.
	comparableLoss = 3
)

// demoteCallers moves services behind those that they wait for, where both lost about as much. A caller that does other things while
// it waits, in a reactive framework or in parallel threads, has spans beside the call that last as long; their own time is
// the callee's in truth. Of services that wait for each other in a circle the first stays the first.
func demoteCallers(list []suspect, g *callGraph, seen func(callee, caller int) bool) []suspect {
	number := make(map[string]int, len(list))
	for i := range list {
		number[list[i].service] = i
	}
	waits := make([][]bool, len(list)) // for the sites of which suspect, and which others
	for i := range list {
		waits[i] = make([]bool, len(list))
		var roots []int
		for _, x := range list[i].sites {
			roots = append(roots, g.number[operation{x.of.id.Service, x.of.id.Value}])
		}
		for _, o := range g.reach(roots, g.callers, seen) {
			if j, ok := number[g.operations[o].service]; ok && j != i {
				waits[i][j] = true
			}
		}
	}
	behind := func(i, j int) bool { // i has to come after j
		return list[j].lost*parallelLoss >= list[i].lost && waits[j][i] && !waits[i][j]
	}
	left := make([]int, len(list))
	for i := range left {
		left[i] = i
	}
	ordered := make([]suspect, 0, len(list))
	for len(left) > 0 {
		next := max(0, slices.IndexFunc(left, func(i int) bool {
			return !slices.ContainsFunc(left, func(j int) bool { return j != i && behind(i, j) })
		}))
		ordered = append(ordered, list[left[next]])
		left = slices.Delete(left, next, next+1)
	}
	return ordered
}

// hubs are the services that wait about as long for each of most services that they call: for two at least, or while their own callers
// wait for them as well.
func hubs(sites []*site, calls map[string]map[string]bool) map[string]bool {
	type waits struct {
		longest               map[string]float64 // added wait of a call, by callee
		most, inward, outward float64
	}
	of := map[string]*waits{}
	at := func(service string) *waits {
		if of[service] == nil {
			of[service] = &waits{longest: map[string]float64{}}
		}
		return of[service]
	}
	for _, s := range sites {
		callee, caller := s.peers[0], s.peers[1]
		if s.measure != Waiting || callee == caller {
			continue
		}
		at(callee).inward += math.Abs(s.lost)
		if w := at(caller); s.of.sum[1].Weight > 0 {
			each := math.Abs(s.lost) / s.of.sum[1].Weight
			w.longest[callee] = max(w.longest[callee], each)
			w.most = max(w.most, each)
			w.outward += math.Abs(s.lost)
		}
	}
	found := map[string]bool{}
	for service, w := range of {
		alike := 0
		for _, each := range w.longest {
			if each*3 >= w.most {
				alike++
			}
		}
		found[service] = alike*10 >= 6*len(calls[service]) && (alike >= 2 || alike == 1 && w.inward*comparableLoss >= w.outward)
	}
	return found
}

// calledServices is which services each service calls and waits for, often enough to say for how long.
func calledServices(match []pair) map[string]map[string]bool {
	calls := map[string]map[string]bool{}
	for i := range match {
		id := &match[i].id
		if id.Kind != snapshot.Edge || match[i].sum[1].WaitWeight == 0 || id.CallerService == id.Service || !match[i].enough(leastTraces) {
			continue
		}
		if calls[id.CallerService] == nil {
			calls[id.CallerService] = map[string]bool{}
		}
		calls[id.CallerService][id.Service] = true
	}
	return calls
}

// failures lists the operations where errors begin or end (worse: begin): more of their traces fail, by more than those of their callees
// make them.
func (t *tester) failures(match []pair, changes *numbers, d *Diff, g *callGraph, worse bool) (list []site) {
	risen := make([]float64, len(g.operations)) // traces with an error, for each trace of the query
	for i := range match {
		p := &match[i]
		n, ok := changes.of(i, Errors)
		if p.id.Kind != snapshot.Operation || !ok {
			continue
		}
		if c := &d.Changes[n]; (c.Flagged || c.P <= evident) && (c.Effect > 0) == worse {
			risen[g.number[operation{p.id.Service, p.id.Value}]] = c.Effect * p.sum[1].TraceWeight / max(1, t.sides[1].sum.TraceWeight)
		}
	}
	below := t.below(match, changes, d, g, risen)
	for i := range match {
		p := &match[i]
		if p.id.Kind != snapshot.Operation {
			continue
		}
		o := g.number[operation{p.id.Service, p.id.Value}]
		if risen[o] == 0 || math.Abs(below[o]) >= math.Abs(risen[o])/2 {
			continue
		}
		n, _ := changes.of(i, Errors)
		list = append(list, site{
			of: p, measure: Errors, change: n, flagged: d.Changes[n].Flagged, peers: [2]string{p.id.Service, ""}, lost: risen[o] - below[o],
		})
	}
	return list
}

// below is by how much more the callees of each operation fail when they are called by it, for each trace of the query; of those callees alone that
// fail more at all.
func (t *tester) below(match []pair, changes *numbers, d *Diff, g *callGraph, risen []float64) []float64 {
	below := make([]float64, len(g.operations))
	for i := range match {
		p := &match[i]
		n, ok := changes.of(i, Errors)
		from, to := g.number[operation{p.id.CallerService, p.id.Caller}], g.number[operation{p.id.Service, p.id.Value}]
		if p.id.Kind != snapshot.Edge || !ok || from == to {
			continue
		}
		if c := &d.Changes[n]; c.Effect*risen[to] > 0 {
			below[from] += c.Effect * p.sum[1].TraceWeight / max(1, t.sides[1].sum.TraceWeight)
		}
	}
	return below
}
