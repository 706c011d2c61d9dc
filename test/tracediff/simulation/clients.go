package simulation

// Clients says what client spans are called, as instrumentations do it in their different ways.
type Clients string

// Ways to name client spans. A call within a service has none.
const (
	NoClients  Clients = ""           // there are no client spans: a call is the span of the callee
	Generic    Clients = "generic"    // by method: all calls of a service have one name
	Particular Clients = "particular" // after the operation that is called
)

// methods are generic names; each service has one of them for all of its calls.
var methods = [...]string{"HTTP POST", "GET", "HTTP GET", "POST"}

// connect adds an operation for the client side of every call that may be made from one service to another, where there is none.
func (s *System) connect() {
	if s.naming == NoClients {
		return
	}
	type side struct {
		service int
		name    string
	}
	of := map[side]int{}
	for i := range s.Operations {
		if o := &s.Operations[i]; o.client {
			of[side{o.home, o.Name}] = i
		}
	}
	table := make([][]int, len(s.services))
	servers := len(s.Operations)
	for service := range s.services {
		table[service] = make([]int, servers)
		for op := range servers {
			o := &s.Operations[op]
			if o.client || o.home == service {
				continue
			}
			name := o.Name
			if s.naming == Generic {
				name = methods[service%len(methods)]
			}
			key := side{service, name}
			if _, known := of[key]; !known {
				of[key] = len(s.Operations)
				s.Operations = append(s.Operations, Operation{Service: s.services[service], Name: name, home: service, layer: beyond, client: true})
			}
			table[service][op] = of[key]
		}
	}
	s.clients = table
}

// client is the operation of the client span of a call; ok is false where there is none.
func (s *System) client(from, to int) (op int, ok bool) {
	if s.clients == nil || s.Operations[from].home == s.Operations[to].home {
		return 0, false
	}
	return s.clients[s.Operations[from].home][to], true
}
