package topology

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// versions collects what snapshots say about service.version.
type versions struct {
	services map[string]*service
	begun    bool // some window had traces
	order    []*wire.Deployment
}

// service is what is known of one service's versions.
type service struct {
	windows int               // in which it had a version
	leading string            // the version with the most traffic in the latest of these
	current map[string]*stint // by version
}

// stint is a deployment and the last of the service's windows in which it was seen.
type stint struct {
	*wire.Deployment
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
		d = &stint{Deployment: &wire.Deployment{
			Service: x.Service, Version: x.Version, Previous: of.leading, First: x.First.UTC(), Last: x.Last.UTC(), Initial: !v.begun,
		}}
		of.current[x.Version] = d
		v.order = append(v.order, d.Deployment)
	}
	d.window = of.windows
	d.Weight += wire.Number(x.Weight)
	if x.First.Before(d.First) {
		d.First = x.First.UTC()
	}
	if x.Last.After(d.Last) {
		d.Last = x.Last.UTC()
	}
}

// deployments are in the order in which they began.
func (v *versions) deployments() []wire.Deployment {
	list := make([]wire.Deployment, 0, len(v.order))
	for _, d := range v.order {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b wire.Deployment) int {
		return cmp.Or(a.First.Compare(b.First), strings.Compare(a.Service, b.Service), strings.Compare(a.Version, b.Version))
	})
	return list
}
