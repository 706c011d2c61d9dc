package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

const tenants = 6

// statuses are the values of the attribute http.response.status_code.
var statuses = [...]string{"200", "404", "500"}

// Keys are the attributes by which snapshots are grouped.
var Keys = []string{"http.response.status_code", "tenant"}

// Sampling is how traces are kept: each with a probability, by a random number of its own that is drawn anew for every seed.
type Sampling struct {
	Probability float64 // 0 or 1: all
	Seed        uint64
}

// weight is the adjusted count of a trace; 0 if it is not kept.
func (s Sampling) weight(r *rand.Rand) float64 {
	if s.Probability <= 0 || s.Probability >= 1 {
		return 1
	}
	if r.Float64() < s.Probability {
		return 1 / s.Probability
	}
	return 0
}

// builder builds one snapshot.
type builder struct {
	system  *System
	snap    *snapshot.Snapshot
	places  map[snapshot.Identity]*place
	ids     []ids // by operation
	edges   map[[2]int32]*place
	running running
	now     int
	slice   uint32
	weight  float64
}

type ids struct{ service, operation, path *place } // path: of the requests to an endpoint

// Snapshot is what a collector makes of the traces of a window that begins at start and lasts ten minutes.
func (s *System) Snapshot(traces []Trace, start time.Time, sampling Sampling) *snapshot.Snapshot {
	return s.Take(&Window{Start: start}, traces, sampling)
}

// Take is what a collector makes of the traces of a window.
func (s *System) Take(w *Window, traces []Trace, sampling Sampling) *snapshot.Snapshot {
	end := w.Start.Add(w.length())
	b := &builder{
		system: s, places: map[snapshot.Identity]*place{}, edges: map[[2]int32]*place{}, ids: make([]ids, len(s.parties)),
		running: running{system: s, window: w},
		snap: &snapshot.Snapshot{
			ID: fmt.Sprintf("s%d", w.Start.Unix()), QueryID: "simulated", Start: w.Start, End: end,
			Completed: end, State: snapshot.Complete, Keys: Keys, Slice: w.slice(),
		},
	}
	r := rand.New(rand.NewPCG(sampling.Seed, 0x5a))
	total := b.place(snapshot.Identity{Kind: snapshot.Total})
	for i := range traces {
		t := &traces[i]
		if b.weight = sampling.weight(r); b.weight == 0 {
			continue
		}
		b.now++
		b.slice = t.slice
		b.snap.Coverage.Traces++
		b.snap.Coverage.Spans += uint64(len(t.spans))
		b.trace(t, total)
		b.running.add(t, b.weight)
	}
	b.finish()
	return b.snap
}

// trace adds a trace to all groups.
func (b *builder) trace(t *Trace, total *place) {
	root := &t.spans[0]
	b.add(total, root)
	for i := range t.spans {
		s := &t.spans[i]
		of := b.of(s.op)
		b.add(of.service, s)
		b.add(of.operation, s)
		if s.parent >= 0 {
			caller := &t.spans[s.parent]
			edge := b.edge(caller.op, s.op)
			b.add(edge, s)
			if caller.client {
				edge.waited(b.weight, caller.total-s.total)
			}
		}
	}
	b.add(b.path(root.op, t.endpoint), root)
	b.add(b.place(snapshot.Identity{Kind: snapshot.Attribute, Key: Keys[0], Value: statuses[root.status]}), root)
	b.add(b.place(snapshot.Identity{Kind: snapshot.Attribute, Key: Keys[1], Value: fmt.Sprintf("t%d", t.tenant)}), root)
}

func (b *builder) place(id snapshot.Identity) *place {
	p := b.places[id]
	if p == nil {
		p = &place{group: &snapshot.Group{Identity: id}}
		b.places[id] = p
		if id.Kind != snapshot.Total {
			b.snap.Groups = append(b.snap.Groups, p.group)
		}
	}
	return p
}

func (b *builder) of(op int32) *ids {
	i := &b.ids[op]
	if i.service == nil {
		service, name := b.system.of(int(op))
		i.service = b.place(snapshot.Identity{Kind: snapshot.Service, Value: service})
		i.operation = b.place(snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: name})
	}
	return i
}

// path is the group of the requests to an endpoint, however they enter.
func (b *builder) path(root, endpoint int32) *place {
	i := &b.ids[endpoint]
	if i.path == nil {
		o := &b.system.Operations[root]
		i.path = b.place(snapshot.Identity{Kind: snapshot.Path, Service: o.Service, Value: o.Name, PathID: fmt.Sprintf("%x", endpoint)})
	}
	return i.path
}

func (b *builder) edge(from, to int32) *place {
	p := b.edges[[2]int32{from, to}]
	if p == nil {
		p = b.place(b.system.edge(int(from), int(to)))
		b.edges[[2]int32{from, to}] = p
	}
	return p
}

func (b *builder) finish() {
	b.snap.Versions = b.running.list()
	for _, p := range b.places {
		p.group.Duration = histogram(&p.duration)
		p.group.Self = histogram(&p.self)
		if p.group.Kind == snapshot.Total {
			b.snap.Total = *p.group
		}
	}
}
