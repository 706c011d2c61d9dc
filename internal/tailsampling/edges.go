package tailsampling

import (
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracesketch"
)

// edge is a call on a path.
type edge struct {
	caller tracesketch.Operation // 0 for the root, tracesketch.UnknownOperation where the parent was missing
	callee tracesketch.Operation
}

// maxEdges is how many calls of a path are known by name.
const maxEdges = 256

// learnEdges notes which calls a path is made of. All of its traces have the same ones: that is what makes it a path.
func (l *learned) learnEdges(path *pathStats, spans []tracesketch.Span, s *tracesketch.Structure) {
	if l.bytes >= l.room {
		return
	}
	path.edges = make([]edge, 0, min(len(spans), maxEdges))
	for i, p := range s.Parent {
		if len(path.edges) == maxEdges {
			break
		}
		e := edge{caller: tracesketch.UnknownOperation, callee: tracesketch.Operation(spans[i].Operation)}
		switch {
		case p >= 0:
			e.caller = tracesketch.Operation(spans[p].Operation)
		case p == tracesketch.NoParent:
			e.caller = 0
		}
		if !slices.Contains(path.edges, e) {
			path.edges = append(path.edges, e)
		}
	}
	path.edges = slices.Clip(path.edges)
	l.bytes += int64(len(path.edges)) * edgeBytes
}

// keep notes that a trace of a path is kept.
func (l *learned) keep(path tracesketch.Path, duration time.Duration) {
	if p := l.paths[path]; p != nil {
		p.kept.Add(1, l.decay)
		l.observe(&p.retained, uint64(max(0, duration)))
	}
}
