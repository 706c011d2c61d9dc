package topology

import (
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Topology is an application.
type Topology struct {
	Name     string          // where it was read from: builtin:shop, or a path
	Text     []byte          // what was read
	Bounds   []time.Duration // of the histograms that are to be tested, ascending
	OnBounds float64         // share of the operations whose duration is put on a bound or a nanosecond beside it
	Services []*Service
	Entries  []Entry // where traces begin
	MaxSpans int     // no trace has more
}

// Service is what a resource stands for.
type Service struct {
	Name       string
	Version    string
	Instances  int // how many resources it has
	Attributes []Attribute
	Operations []*Operation
	Ordinal    int // its place in Topology.Services
}

// Operation is what a span stands for.
type Operation struct {
	Service    *Service
	Name       string
	Kind       ptrace.SpanKind
	Latency    Latency // without the calls
	Errors     Errors
	Attributes []Attribute
	Events     []Event
	Caller     Caller
	Calls      []Call
	Ordinal    int // its place among all operations

	maxSpans int
}

// Caller is the client or producer span of those who call from another service.
type Caller struct {
	Name       string
	Attributes []Attribute
}

// Errors says how often an operation fails by itself.
type Errors struct {
	Share      float64
	Type       string // error.type and exception.type
	Message    string // of the status and the exception
	Attributes []Attribute
}

// Event is an event that spans of an operation may have.
type Event struct {
	Name       string
	Share      float64
	Attributes []Attribute
}

// Call is a step of an operation.
type Call struct {
	Operation   *Operation
	Share       float64 // of the operations that make it
	Least, Most int     // how many times
	Parallel    bool    // begins together with the call before, if that is parallel too
	Optional    bool    // its failure is survived
}

// Entry is where traces begin.
type Entry struct {
	Operation *Operation
	Weight    int
	Long      bool // it is chosen for the long traces, and for no others
}

// Remote says whether the call leaves the service of the caller.
func (c *Call) Remote(caller *Operation) bool { return c.Operation.Service != caller.Service }

// Reference is how files name the operation.
func (o *Operation) Reference() string { return o.Service.Name + "/" + o.Name }
