package snapshot

// Kind says what a group stands for.
type Kind string

// Total and Path count a trace once: Spans is Traces, durations are those of whole traces, from the earliest start to the
// latest end of the spans in scope, exclusive times those of their roots, and errors those of their roots, or of any span where
// the root is missing.
const (
	Total     Kind = "total"     // all matching traces; Key and Value are empty
	Service   Kind = "service"   // Value: service.name
	Operation Kind = "operation" // Service: service.name, Value: normalised span name
	Edge      Kind = "edge"      // Service, Value: of the callee; Caller: of the calling operation
	Path      Kind = "path"      // Service, Value: the root operation; PathID: hexadecimal tracesketch.Path, empty for traces of which a part is missing
	Attribute Kind = "attribute" // Key: one of the group_by keys, Value: its value
)

// OverflowValue is the Value of the group that takes what a limit leaves no room for.
const OverflowValue = "(other)"

// Identity tells groups apart. Two snapshots are compared group by group, by identity.
type Identity struct {
	Kind          Kind
	Key           string // the attribute's key; empty for other kinds
	Service       string
	Value         string
	CallerService string // of an edge
	Caller        string // of an edge: the operation that calls
	PathID        string // of a path
}

// Group is the aggregate of the spans that share an identity.
type Group struct {
	Identity
	// Slices has one entry for each time slice in which the group was seen, in ascending Index order. A trace belongs
	// wholly to the slice in which it begins, so that slices are independent clusters of traces.
	Slices    []Slice
	Duration  Histogram // of the spans, ns
	Self      Histogram // exclusive time of the spans, ns
	Parents   []Calls   // spans by calling operation, at most the busiest few; for operations only
	Exemplars Exemplars
}

// Calls is how often a group was called by one caller.
type Calls struct {
	Service   string // of the caller; empty where the span was a root
	Operation string
	Weight    float64
}

// Exemplars are hexadecimal trace ids to look at, at most MaxExemplars of each.
type Exemplars struct {
	Slow          []string // the slowest, slowest first
	SlowDurations []int64  // of the slowest span of each of them here, ns
	Error         []string // with an error in this group, a uniform sample
	Random        []string // a uniform sample
}

// Sum adds the slices up.
func (g *Group) Sum() Slice {
	var sum Slice
	for i := range g.Slices {
		sum.Add(&g.Slices[i])
	}
	return sum
}
