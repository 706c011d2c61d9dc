package topology

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Part is a service, operation or edge over time.
type Part struct {
	Kind          snapshot.Kind `json:"kind"`
	Service       string        `json:"service"`
	Operation     string        `json:"operation,omitempty"` // of an operation or edge
	FromService   string        `json:"from_service,omitempty"`
	FromOperation string        `json:"from_operation,omitempty"`

	First   time.Time `json:"first"`   // start of the first window in which it was seen
	Last    time.Time `json:"last"`    // end of the last one
	Windows int       `json:"windows"` // in which it was seen
	// Appeared and Disappeared tell that windows before, or after, were watched and did not have it.
	Appeared    bool      `json:"appeared"`
	Disappeared bool      `json:"disappeared"`
	Before      Measures  `json:"before"` // in the first window
	After       Measures  `json:"after"`  // in the last one
	Rates       []float64 `json:"rates"`  // spans/s in each window; 0 where it was not seen
}

// Window is one of the snapshots that an Evolution was made of.
type Window struct {
	SnapshotID string         `json:"snapshot_id"`
	Start      time.Time      `json:"start"`
	End        time.Time      `json:"end"`
	State      snapshot.State `json:"state"`
	Traces     uint64         `json:"traces"`
}

// Evolution is how a system has changed.
type Evolution struct {
	QueryID     string       `json:"query_id"`
	Windows     []Window     `json:"windows"`
	Parts       []Part       `json:"parts"` // in the order of kind, service, operation and caller
	Deployments []Deployment `json:"deployments"`
}

func newPart(id *snapshot.Identity) Part {
	if id.Kind == snapshot.Service {
		return Part{Kind: id.Kind, Service: id.Value}
	}
	return Part{Kind: id.Kind, Service: id.Service, Operation: id.Value, FromService: id.CallerService, FromOperation: id.Caller}
}

// evolves tells which groups are parts of the system. Paths and values come and go with the traffic.
func evolves(k snapshot.Kind) bool {
	return k == snapshot.Service || k == snapshot.Operation || k == snapshot.Edge
}

// Follower makes an Evolution of snapshots that come one by one, from the oldest to the newest. It keeps none of them. The zero
// value is ready.
type Follower struct {
	queryID  string
	windows  []Window
	parts    map[snapshot.Identity]*followed
	versions versions
}

type followed struct {
	Part
	firstWindow, lastWindow int
	rates                   []float64 // from firstWindow to lastWindow
}

// Add takes in the next snapshot. An empty window, in which no trace came, says nothing about what is there.
func (f *Follower) Add(s *snapshot.Snapshot) {
	if f.parts == nil {
		f.queryID, f.parts = s.QueryID, map[snapshot.Identity]*followed{}
	}
	at := len(f.windows)
	f.windows = append(f.windows, Window{SnapshotID: s.ID, Start: s.Start, End: s.End, State: s.State, Traces: s.Coverage.Traces})
	seconds := s.End.Sub(s.Start).Seconds()
	for _, g := range s.Groups {
		if !evolves(g.Kind) || g.Value == snapshot.OverflowValue {
			continue
		}
		m := measure(g, seconds)
		p := f.parts[g.Identity]
		if p == nil {
			p = &followed{Part: newPart(&g.Identity), firstWindow: at}
			p.First, p.Before = s.Start, m
			f.parts[g.Identity] = p
		}
		p.Last, p.After, p.lastWindow = s.End, m, at
		p.Windows++
		for len(p.rates) < at-p.firstWindow {
			p.rates = append(p.rates, 0)
		}
		p.rates = append(p.rates, m.Rate)
	}
	f.versions.add(s)
}

// Evolution is what the snapshots so far amount to.
func (f *Follower) Evolution() *Evolution {
	e := &Evolution{QueryID: f.queryID, Windows: slices.Clone(f.windows), Parts: []Part{}, Deployments: f.versions.deployments()}
	for _, p := range f.parts {
		part := p.Part
		part.Appeared, part.Disappeared = f.watched(0, p.firstWindow), f.watched(p.lastWindow+1, len(f.windows))
		part.Rates = make([]float64, len(f.windows))
		copy(part.Rates[p.firstWindow:], p.rates)
		e.Parts = append(e.Parts, part)
	}
	slices.SortFunc(e.Parts, func(a, b Part) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Service, b.Service),
			strings.Compare(a.Operation, b.Operation), strings.Compare(a.FromService, b.FromService),
			strings.Compare(a.FromOperation, b.FromOperation))
	})
	return e
}

// watched tells whether any window from one on and before another had traces.
func (f *Follower) watched(from, to int) bool {
	return slices.ContainsFunc(f.windows[from:to], func(w Window) bool { return w.Traces > 0 })
}
