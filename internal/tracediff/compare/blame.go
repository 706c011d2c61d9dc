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
func blame(sites []site, calls map[string]map[string]bool, g *callGraph) (list []suspect) {
	left := make([]*site, 0, len(sites))
	for i := range sites {
		left = append(left, &sites[i])
	}
	for len(left) > 0 {
		of := map[string]*suspect{}
		add := func(service string, s *site) {
			if of[service] == nil {
				of[service] = &suspect{service: service}
			}
			of[service].sites = append(of[service].sites, s)
			of[service].lost += math.Abs(s.lost)
		}
		for _, s := range left {
			add(s.peers[0], s)
			if s.measure == Waiting && s.peers[1] != s.peers[0] && hub(s.peers[1], left, calls) {
				add(s.peers[1], s)
			}
		}
		var best *suspect
		for _, s := range of {
			if best == nil || s.lost > best.lost || s.lost == best.lost && s.service < best.service {
				best = s
			}
		}
		list = append(list, *best)
		left = slices.DeleteFunc(left, func(s *site) bool { return slices.Contains(best.sites, s) })
	}
	return demoteCallers(list, g)
}

// comparableLoss is by how many times more a caller may lose than its callee and still be taken to lose it to the callee.
const comparableLoss = 3

// demoteCallers moves services behind those that they wait for, where both lost about as much. A caller that does other things while
// it waits, in a reactive framework or in parallel threads, has spans beside the call that last as long; their own time is
// the callee's in truth.
func demoteCallers(list []suspect, g *callGraph) []suspect {
	for i := 0; i < len(list); i++ {
		for j := i + 1; j < len(list); j++ {
			if list[j].lost*comparableLoss >= list[i].lost && g.waitsFor(list[i].service, &list[j]) && !g.waitsFor(list[j].service, &list[i]) {
				moved := list[i]
				copy(list[i:j], list[i+1:j+1])
				list[j] = moved
				i--
				break
			}
		}
	}
	return list
}

// waitsFor tells whether some operation of a service waits for the sites of a suspect.
func (g *callGraph) waitsFor(service string, s *suspect) bool {
	if service == s.service {
		return false
	}
	var roots []operation
	for _, x := range s.sites {
		roots = append(roots, operation{x.of.id.Service, x.of.id.Value})
	}
	for o := range reach(roots, g.callers) {
		if o.service == service {
			return true
		}
	}
	return false
}

// hub tells whether a service waits about as long for each of most services that it calls: for two at least, or while its own callers
// wait for it as well.
func hub(service string, sites []*site, calls map[string]map[string]bool) bool {
	longest := map[string]float64{} // added wait of a call, by callee
	most, inward, outward := 0.0, 0.0, 0.0
	for _, s := range sites {
		if s.measure == Waiting && s.peers[0] == service && s.peers[1] != service {
			inward += math.Abs(s.lost)
		}
		if s.measure == Waiting && s.peers[1] == service && s.peers[0] != service && s.of.sum[1].Weight > 0 {
			each := math.Abs(s.lost) / s.of.sum[1].Weight
			longest[s.peers[0]] = max(longest[s.peers[0]], each)
			most = max(most, each)
			outward += math.Abs(s.lost)
		}
	}
	alike := 0
	for _, each := range longest {
		if each*3 >= most {
			alike++
		}
	}
	return alike*10 >= 6*len(calls[service]) && (alike >= 2 || alike == 1 && inward*comparableLoss >= outward)
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

// failures lists the operations where errors begin or end (worse: begin): more of their traces fail, and not because a callee does.
func (t *tester) failures(match []pair, changes map[about]int, d *Diff, g *callGraph, worse bool) (list []site) {
	moved := map[operation]bool{}
	evidentOn := func(p *pair) (int, bool) {
		n, ok := changes[about{p.id, Errors}]
		if !ok {
			return 0, false
		}
		c := &d.Changes[n]
		return n, (c.Flagged || c.P <= evident) && (c.Effect > 0) == worse
	}
	for i := range match {
		if p := &match[i]; p.id.Kind == snapshot.Operation {
			_, moved[operation{p.id.Service, p.id.Value}] = evidentOn(p)
		}
	}
	for i := range match {
		p := &match[i]
		o := operation{p.id.Service, p.id.Value}
		if p.id.Kind != snapshot.Operation || slices.ContainsFunc(g.callees[o], func(to operation) bool { return moved[to] }) {
			continue
		}
		n, ok := evidentOn(p)
		if !ok {
			continue
		}
		c := &d.Changes[n]
		list = append(list, site{
			of: p, measure: Errors, change: n, flagged: c.Flagged, peers: [2]string{p.id.Service, ""},
			lost: c.Effect * p.sum[1].TraceWeight / max(1, t.sides[1].sum.TraceWeight),
		})
	}
	return list
}
