package simulation

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
)

// System is a system of services whose windows can be played. It is not changed by that, so that many can be played at once.
type System struct {
	*microservices.System
	parties []party // what spans are of, by their op: operations, and after them client spans
	clients [][]int // the op of the client span, by service that calls and operation that is called; 0: none
}

// party is what spans of one name in one service are of.
type party struct {
	home int // index of the service
	name string
}

// character is that of all systems that windows are played of. Calls follow each other there, since changes to the own time of
// an operation and to that of those it calls are to add up as they say; and own times have no tail of their own, since the weather
// and Stalls bring what there is beside the log-normal distribution.
var character = microservices.Character{Fanout: 3, Spread: [2]float64{0.3, 0.9}, Errors: 0.002, InnerErrors: 0.004}

// NewSystem draws a system.
func NewSystem(o microservices.Options) *System {
	s := &System{System: microservices.New(o, character)}
	s.connect()
	return s
}

// AddService adds an operation of a new service, which nobody calls until a change lets them; median is that of its own time.
func (s *System) AddService(service, name string, median time.Duration) int {
	op := s.System.AddService(service, name, median)
	s.connect()
	return op
}

// connect lists the parties: those of operations, and one for the client side of calls of every name that a service may make.
func (s *System) connect() {
	s.parties, s.clients = nil, make([][]int, len(s.Services))
	for _, o := range s.Operations {
		s.parties = append(s.parties, party{o.Home, o.Name})
	}
	of := map[party]int{}
	for service := range s.clients {
		s.clients[service] = make([]int, len(s.Operations))
		for op := range s.Operations {
			name, ok := s.Client(service, op)
			if !ok {
				continue
			}
			p := party{service, name}
			if _, known := of[p]; !known {
				of[p] = len(s.parties)
				s.parties = append(s.parties, p)
			}
			s.clients[service][op] = of[p]
		}
	}
}

// client is the op of the client span of a call; ok is false where there is none.
func (s *System) client(from, to int) (op int, ok bool) {
	op = s.clients[s.Operations[from].Home][to]
	return op, op > 0
}

// of is the service and the name of the party that spans of an op are of.
func (s *System) of(op int) (service, name string) {
	p := s.parties[op]
	return s.Services[p.home], p.name
}

// Edge is the identity of the group of calls from one operation to another: from its client span, where there is one.
func (s *System) Edge(from, to int) snapshot.Identity {
	if client, ok := s.client(from, to); ok {
		from = client
	}
	return s.edge(from, to)
}

// edge is the identity of the group of spans below those of a party.
func (s *System) edge(from, to int) snapshot.Identity {
	id := snapshot.Identity{Kind: snapshot.Edge}
	id.CallerService, id.Caller = s.of(from)
	id.Service, id.Value = s.of(to)
	return id
}
