package topology

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

func newPart(id *snapshot.Identity) wire.Part {
	kind := wire.GroupKind(id.Kind)
	if id.Kind == snapshot.Service {
		return wire.Part{Kind: kind, Service: id.Value}
	}
	return wire.Part{Kind: kind, Service: id.Service, Operation: id.Value, FromService: id.CallerService, FromOperation: id.Caller}
}

// evolves tells which groups are parts of the system. Paths and values come and go with the traffic.
func evolves(k snapshot.Kind) bool {
	return k == snapshot.Service || k == snapshot.Operation || k == snapshot.Edge
}

// Follower makes a wire.Evolution of snapshots that come one by one, from the oldest to the newest. It keeps none of them. The zero
// value is ready.
type Follower struct {
	queryID  string
	windows  []wire.Window
	parts    map[snapshot.Identity]*followed
	versions versions
}

type followed struct {
	wire.Part
	firstWindow, lastWindow int
	rates                   []float64 // from firstWindow to lastWindow
}

// Add takes in the next snapshot. An empty window, in which no trace came, says nothing about what is there.
func (f *Follower) Add(s *snapshot.Snapshot) {
	if f.parts == nil {
		f.queryID, f.parts = s.QueryID, map[snapshot.Identity]*followed{}
	}
	at := len(f.windows)
	f.windows = append(f.windows, wire.Window{
		SnapshotID: s.ID, Start: s.Start.UTC(), End: s.End.UTC(), State: wire.SnapshotState(s.State), Traces: s.Coverage.Traces,
	})
	length := s.End.Sub(s.Start).Seconds()
	for _, g := range s.Groups {
		if !evolves(g.Kind) || g.Value == snapshot.OverflowValue {
			continue
		}
		m := measure(g, length)
		p := f.parts[g.Identity]
		if p == nil {
			p = &followed{Part: newPart(&g.Identity), firstWindow: at}
			p.First, p.Before = s.Start.UTC(), m
			f.parts[g.Identity] = p
		}
		p.Last, p.After, p.lastWindow = s.End.UTC(), m, at
		p.Windows++
		for len(p.rates) < at-p.firstWindow {
			p.rates = append(p.rates, 0)
		}
		p.rates = append(p.rates, fourDigits(m.SpansPerSecond))
	}
	f.versions.add(s)
}

// Evolution is what the snapshots so far amount to.
func (f *Follower) Evolution() *wire.Evolution {
	e := &wire.Evolution{QueryID: f.queryID, Windows: append([]wire.Window{}, f.windows...), Parts: []wire.Part{}, Deployments: f.versions.deployments()}
	for _, p := range f.parts {
		part := p.Part
		part.Appeared, part.Disappeared = f.watched(0, p.firstWindow), f.watched(p.lastWindow+1, len(f.windows))
		part.SpansPerSecond = make([]float64, len(f.windows))
		copy(part.SpansPerSecond[p.firstWindow:], p.rates)
		e.Parts = append(e.Parts, part)
	}
	sortParts(e.Parts)
	return e
}

func sortParts(parts []wire.Part) {
	slices.SortFunc(parts, func(a, b wire.Part) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Service, b.Service),
			strings.Compare(a.Operation, b.Operation), strings.Compare(a.FromService, b.FromService),
			strings.Compare(a.FromOperation, b.FromOperation))
	})
}

// fourDigits rounds a positive number: there is one for each part and window, and a curve shows no more.
func fourDigits(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 0) {
		return x
	}
	switch exponent := 3 - int(math.Floor(math.Log10(x))); {
	case exponent >= 0 && exponent <= 22: // powers of ten that are exact
		return math.Round(x*math.Pow10(exponent)) / math.Pow10(exponent)
	case exponent < 0 && exponent >= -22:
		return math.Round(x/math.Pow10(-exponent)) * math.Pow10(-exponent)
	}
	return x
}

// watched tells whether any window from one on and before another had traces.
func (f *Follower) watched(from, to int) bool {
	return slices.ContainsFunc(f.windows[from:to], func(w wire.Window) bool { return w.Traces > 0 })
}
