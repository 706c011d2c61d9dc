package snapshot

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// NewID names the snapshot of a query's window. Collectors that see parts of one window name them alike.
func NewID(queryID string, start time.Time) string {
	return queryID + "-" + start.UTC().Format("20060102T150405Z")
}

// ServiceName is the service that a group belongs to, or that it is; empty where it is of none.
func (id *Identity) ServiceName() string {
	if id.Kind == Service {
		return id.Value
	}
	return id.Service
}

// Compare orders identities: by kind, key, service, value, caller and path.
func (id *Identity) Compare(o *Identity) int {
	switch { // the first string in which they differ decides
	case id.Kind != o.Kind:
		return strings.Compare(string(id.Kind), string(o.Kind))
	case id.Key != o.Key:
		return strings.Compare(id.Key, o.Key)
	case id.Service != o.Service:
		return strings.Compare(id.Service, o.Service)
	case id.Value != o.Value:
		return strings.Compare(id.Value, o.Value)
	case id.CallerService != o.CallerService:
		return strings.Compare(id.CallerService, o.CallerService)
	case id.Caller != o.Caller:
		return strings.Compare(id.Caller, o.Caller)
	default:
		return strings.Compare(id.PathID, o.PathID)
	}
}

// Sort puts groups in the order of their identities.
func Sort(groups []*Group) {
	slices.SortFunc(groups, func(a, b *Group) int { return a.Compare(&b.Identity) })
}

// maxParents is how many callers a group lists, beside the entry for spans without one.
const maxParents = 5

// SetParents lists in each operation the callers that its edges name, busiest first. An operation's entry without a
// caller, which stands for roots, stays, whatever its weight.
func SetParents(groups []*Group) {
	type operation struct{ service, name string }
	callers := map[operation][]Calls{}
	for _, g := range groups {
		if g.Kind == Edge && g.Value != OverflowValue {
			callee := operation{g.Service, g.Value}
			callers[callee] = append(callers[callee], Calls{Service: g.CallerService, Operation: g.Caller, Weight: g.Sum().Weight})
		}
	}
	for _, g := range groups {
		if g.Kind != Operation {
			continue
		}
		var roots []Calls
		for _, c := range g.Parents {
			if c.Service == "" {
				roots = append(roots, c)
			}
		}
		from := callers[operation{g.Service, g.Value}]
		slices.SortFunc(from, func(a, b Calls) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Service, b.Service), strings.Compare(a.Operation, b.Operation))
		})
		g.Parents = slices.Concat(roots, from[:min(len(from), maxParents)])
	}
}
