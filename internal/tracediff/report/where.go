package report

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// where is the service, with its versions if it was deployed; or what else the cause is about.
func (p *speaker) where(service string, c *compare.Cause, separator string) []piece {
	if c != nil && (c.Site.Kind == snapshot.Total || c.Site.Kind == snapshot.Attribute) {
		return append(namePieces(&c.Site, p.show), fixed(separator))
	}
	at := []piece{fixed(p.service(service))}
	v := p.deployed(service)
	if c != nil {
		v = c.Deployed
	}
	switch {
	case v == nil:
	case v.Service == service:
		at = append(at, fixed(" "), piece{p.show(v.From), leastVersion}, fixed(" -> "), piece{p.show(v.To), leastVersion})
	default:
		at = append(at, fixed(" ("+p.service(v.Service)+" "), piece{p.show(v.From), leastVersion}, fixed(" -> "), piece{p.show(v.To), leastVersion}, fixed(")"))
	}
	return append(at, fixed(separator))
}

// deployment is the service that was deployed when a cause began, as far as that is known: its own, or one that calls it; nil if there is none.
func (p *speaker) deployment(g *Group) *compare.Deployment {
	if g.Cause.Deployed != nil {
		return g.Cause.Deployed
	}
	if grown := p.grown(g); grown != nil {
		return p.deployed(grown.Service)
	}
	return nil
}

// deployed is a service that has another version now; nil if it has not.
func (p *speaker) deployed(service string) *compare.Deployment {
	from, to := compare.MainVersions(p.A.Versions)[service], compare.MainVersions(p.B.Versions)[service]
	if from == "" || to == "" || from == to {
		return nil
	}
	return &compare.Deployment{Service: service, From: from, To: to}
}

// longestService is how much of a service's name is shown: those of Kubernetes have at most 63 characters.
const longestService = 72

func (p *speaker) service(name string) string {
	if name == "" {
		return "(no service)"
	}
	return p.show(shortened(name, longestService))
}
