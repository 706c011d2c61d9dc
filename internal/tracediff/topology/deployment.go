package topology

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Deployment is a version of a service that took up traffic. A version that comes back after it was gone is one more.
type Deployment struct {
	Service  string    `json:"service"`
	Version  string    `json:"version"`
	Previous string    `json:"previous,omitempty"` // version with the most traffic in the window before; empty for a new service
	First    time.Time `json:"first"`              // start of its first span
	Last     time.Time `json:"last"`               // start of its last span
	Initial  bool      `json:"initial"`            // it was there already in the first window that had traces
	Weight   float64   `json:"weight"`             // adjusted count of its spans
}

// versions collects what snapshots say about service.version.
type versions struct {
	services map[string]*service
	begun    bool // some window had traces
	order    []*Deployment
}

// service is what is known of one service's versions.
type service struct {
	windows int               // in which it had a version
	leading string            // the version with the most traffic in the latest of these
	current map[string]*stint // by version
}

// stint is a deployment and the last of the service's windows in which it was seen.
type stint struct {
	*Deployment
	window int
}

func (v *versions) add(s *snapshot.Snapshot) {
	if s.Coverage.Traces == 0 {
		return
	}
	if v.services == nil {
		v.services = map[string]*service{}
	}
	most := map[*service]snapshot.Version{}
	for _, x := range s.Versions {
		of := v.services[x.Service]
		if of == nil {
			of = &service{current: map[string]*stint{}}
			v.services[x.Service] = of
		}
		if _, ok := most[of]; !ok {
			of.windows++
		}
		v.seen(of, &x)
		if best, ok := most[of]; !ok || x.Weight > best.Weight {
			most[of] = x
		}
	}
	for of, best := range most {
		of.leading = best.Version
	}
	v.begun = true
}

// seen takes in a version of a service in its latest window.
func (v *versions) seen(of *service, x *snapshot.Version) {
	d := of.current[x.Version]
	if d == nil || of.windows-d.window > 1 {
		d = &stint{Deployment: &Deployment{
			Service: x.Service, Version: x.Version, Previous: of.leading, First: x.First, Last: x.Last, Initial: !v.begun,
		}}
		of.current[x.Version] = d
		v.order = append(v.order, d.Deployment)
	}
	d.window = of.windows
	d.Weight += x.Weight
	if x.First.Before(d.First) {
		d.First = x.First
	}
	if x.Last.After(d.Last) {
		d.Last = x.Last
	}
}

// deployments are in the order in which they began.
func (v *versions) deployments() []Deployment {
	list := make([]Deployment, 0, len(v.order))
	for _, d := range v.order {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b Deployment) int {
		return cmp.Or(a.First.Compare(b.First), strings.Compare(a.Service, b.Service), strings.Compare(a.Version, b.Version))
	})
	return list
}
