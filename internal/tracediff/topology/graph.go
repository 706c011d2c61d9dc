package topology

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// New draws a snapshot. What was folded into overflow groups appears as "(other)".
func New(s *snapshot.Snapshot) *wire.Topology {
	g := &wire.Topology{
		SnapshotID: s.ID, QueryID: s.QueryID, Start: s.Start.UTC(), End: s.End.UTC(),
		Services: []wire.Node{}, Calls: []wire.Edge{}, Operations: []wire.Node{}, Edges: []wire.Edge{},
	}
	length := s.End.Sub(s.Start).Seconds()
	versions := map[string][]string{}
	for _, v := range s.Versions {
		versions[v.Service] = append(versions[v.Service], v.Version)
	}
	entries := map[string]bool{}
	calls := map[[2]string]*sum{}
	for _, from := range s.Groups {
		switch from.Kind {
		case snapshot.Service:
			g.Services = append(g.Services, wire.Node{Service: from.Value, Versions: versions[from.Value], Measures: measure(from, length)})
		case snapshot.Operation:
			n := wire.Node{Service: from.Service, Operation: from.Value, Entry: isEntry(from), Measures: measure(from, length)}
			entries[n.Service] = entries[n.Service] || n.Entry
			g.Operations = append(g.Operations, n)
		case snapshot.Edge:
			g.Edges = append(g.Edges, wire.Edge{
				FromService: from.CallerService, FromOperation: from.Caller, ToService: from.Service, ToOperation: from.Value,
				Measures: measure(from, length),
			})
			if key := [2]string{from.CallerService, from.Service}; key[0] != key[1] {
				if calls[key] == nil {
					calls[key] = &sum{}
				}
				calls[key].add(from)
			}
		}
	}
	for i := range g.Services {
		g.Services[i].Entry = entries[g.Services[i].Service]
	}
	for key, c := range calls {
		g.Calls = append(g.Calls, wire.Edge{FromService: key[0], ToService: key[1], Measures: c.measures(length)})
	}
	sortAll(g)
	return g
}

func isEntry(g *snapshot.Group) bool {
	return slices.ContainsFunc(g.Parents, func(c snapshot.Calls) bool { return c.Service == "" && c.Weight > 0 })
}

// sortAll puts everything in an order that does not depend on how it was found.
func sortAll(g *wire.Topology) {
	node := func(a, b wire.Node) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.Operation, b.Operation))
	}
	edge := func(a, b wire.Edge) int {
		return cmp.Or(strings.Compare(a.FromService, b.FromService), strings.Compare(a.FromOperation, b.FromOperation),
			strings.Compare(a.ToService, b.ToService), strings.Compare(a.ToOperation, b.ToOperation))
	}
	slices.SortFunc(g.Services, node)
	slices.SortFunc(g.Operations, node)
	slices.SortFunc(g.Calls, edge)
	slices.SortFunc(g.Edges, edge)
}

// sum joins groups.
type sum struct {
	snapshot.Slice
	durations snapshot.Histogram
}

func (s *sum) add(g *snapshot.Group) {
	of := g.Sum()
	s.Slice.Add(&of)
	s.durations.Merge(&g.Duration)
}

func measure(g *snapshot.Group, length float64) wire.Measures {
	return (&sum{g.Sum(), g.Duration}).measures(length)
}

func (s *sum) measures(length float64) wire.Measures {
	unknown := wire.Number(math.NaN())
	m := wire.Measures{ErrorShare: unknown, MeanSeconds: unknown, P50Seconds: unknown, P95Seconds: unknown, P99Seconds: unknown}
	if length > 0 {
		m.SpansPerSecond = s.Weight / length
	}
	if s.Weight > 0 {
		m.ErrorShare, m.MeanSeconds = wire.Number(s.ErrorWeight/s.Weight), seconds(s.Slice.Duration/s.Weight)
		m.P50Seconds, m.P95Seconds, m.P99Seconds = seconds(s.durations.Quantile(0.5)), seconds(s.durations.Quantile(0.95)), seconds(s.durations.Quantile(0.99))
	}
	return m
}

// seconds are those of a duration in ns.
func seconds(ns float64) wire.Number { return wire.Number(ns / float64(time.Second)) }
