package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// place is an operation of a service.
type place struct{ service, operation string }

// direct names the service that callers wait for. Where an operation calls one other service and nothing else, it is the
// caller's side of that call: what its exclusive time grew by was lost on the way, in the network, in queues or before the
// callee's span began, and no span of the callee shows it.
func (d *Diff) direct(b *snapshot.Snapshot) {
	if len(d.Changes) == 0 || !d.Changes[0].Flagged {
		return
	}
	type callee struct {
		service string
		weight  float64
	}
	callees := map[place]callee{}
	for _, g := range b.Groups {
		if g.Kind != snapshot.Edge {
			continue
		}
		from := place{g.CallerService, g.Caller}
		c, ok := callees[from]
		if ok && c.service != g.Service {
			c.service = "" // several
		} else {
			c.service = g.Service
		}
		for i := range g.Slices {
			c.weight += g.Slices[i].Weight
		}
		callees[from] = c
	}
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.Flagged {
			break
		}
		if c.Measure != Latency || c.Kind != snapshot.Operation && c.Kind != snapshot.Edge {
			continue
		}
		to := callees[place{c.Service, c.Value}]
		grew := c.B.SelfMean > c.A.SelfMean*d.Thresholds.MinLatencyRatio
		if to.service != "" && to.service != c.Service && to.weight*2 > c.B.Weight && grew {
			c.Toward = to.service
		}
	}
}
