package topology

import (
	"cmp"
	"slices"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

// Cut leaves out what has least traffic, until a topology has at most so many bytes as JSON, about. Of a call whose caller or callee is left out,
// nothing is left either.
func Cut(g *wire.Topology, most int) {
	all := len(g.Services) + len(g.Operations) + len(g.Calls) + len(g.Edges)
	node := func(n *wire.Node) float64 { return n.SpansPerSecond }
	edge := func(e *wire.Edge) float64 { return e.SpansPerSecond }
	services, operations := busiest(g.Services, node, most/8), busiest(g.Operations, node, most/4)
	if len(services) < len(g.Services) {
		g.Calls = within(g.Calls, services)
	}
	if len(operations) < len(g.Operations) {
		g.Edges = within(g.Edges, operations)
	}
	g.Services, g.Operations = services, operations
	g.Calls, g.Edges = busiest(g.Calls, edge, most/4), busiest(g.Edges, edge, most*3/8)
	if g.Truncated = len(g.Services)+len(g.Operations)+len(g.Calls)+len(g.Edges) < all; g.Truncated {
		sortAll(g)
	}
}

// busiest are the elements with most traffic that fit into so many bytes. They are in order where some are left out.
func busiest[T any](list []T, rate func(*T) float64, most int) []T {
	if len(console.Fit(list, most)) == len(list) {
		return list
	}
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(rate(&b), rate(&a)) })
	return console.Fit(list, most)
}

// within are the edges between nodes.
func within(edges []wire.Edge, nodes []wire.Node) []wire.Edge {
	type name struct{ service, operation string }
	there := make(map[name]bool, len(nodes))
	for i := range nodes {
		there[name{nodes[i].Service, nodes[i].Operation}] = true
	}
	return slices.DeleteFunc(edges, func(e wire.Edge) bool {
		return !there[name{e.FromService, e.FromOperation}] || !there[name{e.ToService, e.ToOperation}]
	})
}

// CutEvolution leaves out parts that were there all the time and had least traffic, and the oldest deployments, until an evolution has at most
// so many bytes as JSON, about.
func CutEvolution(e *wire.Evolution, most int) {
	all := len(e.Parts) + len(e.Deployments)
	if len(console.Fit(e.Parts, most*3/4)) < len(e.Parts) {
		slices.SortStableFunc(e.Parts, func(a, b wire.Part) int {
			return cmp.Or(stays(&a)-stays(&b), cmp.Compare(b.Before.SpansPerSecond+b.After.SpansPerSecond, a.Before.SpansPerSecond+a.After.SpansPerSecond))
		})
		e.Parts = console.Fit(e.Parts, most*3/4)
		sortParts(e.Parts)
	}
	e.Deployments = LatestDeployments(e.Deployments, most/8)
	e.Truncated = len(e.Parts)+len(e.Deployments) < all
}

// stays is 1 for a part that was there all the time, else 0.
func stays(p *wire.Part) int {
	if p.Appeared || p.Disappeared {
		return 0
	}
	return 1
}

// LatestDeployments are those that fit into so many bytes, in their order.
func LatestDeployments(list []wire.Deployment, most int) []wire.Deployment {
	slices.Reverse(list)
	list = console.Fit(list, most)
	slices.Reverse(list)
	return list
}
