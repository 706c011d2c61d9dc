package simulation

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// running gathers which versions of the services were seen in a window.
type running struct {
	system *System
	window *Window
	of     map[*versions][]seen // by service
}

// seen is one version of one service.
type seen struct {
	weight      float64
	first, last float64 // fractions of the window
}

// add takes in a trace.
func (r *running) add(t *Trace, weight float64) {
	if r.of == nil {
		r.of = map[*versions][]seen{}
	}
	of := r.of[t.versions]
	if of == nil {
		of = make([]seen, len(r.system.Services))
		r.of[t.versions] = of
	}
	for i := range t.spans {
		s := &of[r.system.parties[t.spans[i].op].home]
		if s.weight == 0 {
			s.first, s.last = t.at, t.at
		}
		s.weight += weight
		s.first, s.last = min(s.first, t.at), max(s.last, t.at)
	}
}

// list is what a snapshot says of it.
func (r *running) list() []snapshot.Version {
	var list []snapshot.Version
	at := func(fraction float64) time.Time {
		return r.window.Start.Add(time.Duration(fraction * float64(r.window.length())))
	}
	for v, of := range r.of {
		for service, s := range of {
			if s.weight > 0 {
				list = append(list, snapshot.Version{
					Service: r.system.Services[service], Version: v.of[service], Weight: s.weight, First: at(s.first), Last: at(s.last),
				})
			}
		}
	}
	return snapshot.MergeVersions(list)
}
