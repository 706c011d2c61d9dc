package topology

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Graph is a snapshot as a system diagram, on two levels of detail.
type Graph struct {
	SnapshotID string    `json:"snapshot_id"`
	QueryID    string    `json:"query_id"`
	Start      time.Time `json:"start"`
	End        time.Time `json:"end"`

	Services   []Node `json:"services"`
	Calls      []Edge `json:"calls"` // between different services
	Operations []Node `json:"operations"`
	Edges      []Edge `json:"edges"` // between operations, also of one service
}

// Node is a service, or an operation of one.
type Node struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation,omitempty"` // empty for a service
	Versions  []string `json:"versions,omitempty"`  // service.version, of a service
	Entry     bool     `json:"entry,omitempty"`     // some of its spans have no caller
	Measures
}

// Edge is a call. Between services, both operations are empty; its measures are those of the called spans.
type Edge struct {
	FromService   string `json:"from_service"`
	FromOperation string `json:"from_operation,omitempty"`
	ToService     string `json:"to_service"`
	ToOperation   string `json:"to_operation,omitempty"`
	Measures
}

// Measures are rate, errors and latency, estimated for all traffic.
type Measures struct {
	Rate       float64 `json:"rate"`        // spans/s
	ErrorShare float64 `json:"error_share"` // 0 to 1
	Mean       float64 `json:"mean"`        // duration, ns
	P50        float64 `json:"p50"`
	P95        float64 `json:"p95"`
	P99        float64 `json:"p99"`
}

// New draws a snapshot. What was folded into overflow groups appears as "(other)".
func New(s *snapshot.Snapshot) *Graph {
	g := &Graph{SnapshotID: s.ID, QueryID: s.QueryID, Start: s.Start, End: s.End}
	seconds := s.End.Sub(s.Start).Seconds()
	versions := map[string][]string{}
	for _, v := range s.Versions {
		versions[v.Service] = append(versions[v.Service], v.Version)
	}
	entries := map[string]bool{}
	calls := map[[2]string]*sum{}
	for _, from := range s.Groups {
		switch from.Kind {
		case snapshot.Service:
			g.Services = append(g.Services, Node{Service: from.Value, Versions: versions[from.Value], Measures: measure(from, seconds)})
		case snapshot.Operation:
			n := Node{Service: from.Service, Operation: from.Value, Entry: isEntry(from), Measures: measure(from, seconds)}
			entries[n.Service] = entries[n.Service] || n.Entry
			g.Operations = append(g.Operations, n)
		case snapshot.Edge:
			g.Edges = append(g.Edges, Edge{
				FromService: from.CallerService, FromOperation: from.Caller, ToService: from.Service, ToOperation: from.Value,
				Measures: measure(from, seconds),
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
		g.Calls = append(g.Calls, Edge{FromService: key[0], ToService: key[1], Measures: c.measures(seconds)})
	}
	g.sort()
	return g
}

func isEntry(g *snapshot.Group) bool {
	return slices.ContainsFunc(g.Parents, func(c snapshot.Calls) bool { return c.Service == "" && c.Weight > 0 })
}

// sort puts everything in an order that does not depend on how it was found.
func (g *Graph) sort() {
	node := func(a, b Node) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.Operation, b.Operation))
	}
	edge := func(a, b Edge) int {
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

func measure(g *snapshot.Group, seconds float64) Measures {
	return (&sum{g.Sum(), g.Duration}).measures(seconds)
}

func (s *sum) measures(seconds float64) Measures {
	m := Measures{P50: s.durations.Quantile(0.5), P95: s.durations.Quantile(0.95), P99: s.durations.Quantile(0.99)}
	if seconds > 0 {
		m.Rate = s.Weight / seconds
	}
	if s.Weight > 0 {
		m.ErrorShare, m.Mean = s.ErrorWeight/s.Weight, s.Slice.Duration/s.Weight
	}
	return m
}
