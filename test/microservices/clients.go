package microservices

// Clients says what client spans are called, as instrumentations do it in their different ways.
type Clients string

// Ways to name client spans.
const (
	NoClients  Clients = ""           // there are no client spans: a call is the span of the callee
	Generic    Clients = "generic"    // by method: all calls of a service have one name
	Particular Clients = "particular" // after the operation that is called
)

// methods are generic names; each service has one of them for all of its calls.
var methods = [...]string{"HTTP POST", "GET", "HTTP GET", "POST"}

// Client is what the client span of a call is called that a service makes; ok is false where there is none, as within a service.
func (s *System) Client(service, to int) (name string, ok bool) {
	o := &s.Operations[to]
	switch {
	case s.clients == NoClients || o.Home == service:
		return "", false
	case s.clients == Generic:
		return methods[service%len(methods)], true
	}
	return o.Name, true
}
