package report

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// A service that is new is best told by what it did to those who call it: "shop 1.0.0 -> 2.0.0: POST /order slower, 18 -> 43 ms, all
// of it in recommender, which is new".

// grown is the operation that got slower because it calls what is new: of the nearest service, the one that others call. It is nil
// where there is none, or the cause is another one.
func (p *speaker) grown(g *Group) *compare.Change {
	if g.Main.Measure != compare.Presence || g.Cause.Verdict != compare.New || !p.isNew(g.Cause.Service) {
		return nil
	}
	slower := slowed(g)
	if len(slower) == 0 {
		return nil
	}
	up := p.callers()
	var at []operation
	for to := range up {
		if to.service == g.Cause.Service {
			at = append(at, to)
		}
	}
	seen := map[operation]bool{}
	for len(at) > 0 {
		var next []operation
		var found *compare.Change
		for _, o := range at {
			for _, from := range up[o] {
				if c := slower[from]; c != nil && (found == nil || c.Impact > found.Impact) && from.service != g.Cause.Service {
					found = c
				}
				if !seen[from] {
					seen[from] = true
					next = append(next, from)
				}
			}
		}
		if found != nil {
			return climb(found, slower, up)
		}
		at = next
	}
	return nil
}

// isNew tells whether a service is new, and not only an operation of it.
func (p *speaker) isNew(service string) bool {
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Kind == snapshot.Service && c.Value == service && c.Verdict == compare.New {
			return true
		}
	}
	return false
}

// climb goes from an operation to the one of the same service for which it is done, such as from the span of a client to that of the
// request which it serves.
func climb(c *compare.Change, slower map[operation]*compare.Change, up map[operation][]operation) *compare.Change {
	seen := map[*compare.Change]bool{}
	for !seen[c] {
		seen[c] = true
		for _, from := range up[operation{c.Service, c.Value}] {
			if o := slower[from]; o != nil && from.service == c.Service && !seen[o] {
				c = o
				break
			}
		}
	}
	return c
}

// slowed are the operations that got slower, of a cause.
func slowed(g *Group) map[operation]*compare.Change {
	of := map[operation]*compare.Change{}
	for _, c := range g.Explains {
		if c.Kind == snapshot.Operation && c.Measure == compare.Latency && c.Verdict == compare.Slower {
			of[operation{c.Service, c.Value}] = c
		}
	}
	return of
}

// part says how much of what an operation grew by is spent in a new service. That is the time that calls of it take, waiting for it
// included, against the time by which the operation grew, both in seconds per second since they began.
func (p *speaker) part(grown *compare.Change, g *Group) string {
	var spent float64
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Kind == snapshot.Edge && c.Service == g.Cause.Service && c.CallerService != c.Service && c.Measure == compare.Presence {
			spent += c.B.Rate * (c.B.Mean + c.B.Wait) * p.since(c)
		}
	}
	share := spent / (grown.B.Rate * (grown.B.Mean - grown.A.Mean))
	switch {
	case share > 1.3: // it took the place of something else
		return "calling "
	case share >= 0.95:
		return "all of it in "
	case share >= 0.5:
		return "most of it in "
	}
	return "calling "
}

// since is by how many times a rate over the newer window is higher since a change of presence began in it.
func (p *speaker) since(c *compare.Change) float64 {
	whole, rest := p.B.End.Sub(p.B.Start).Seconds(), p.B.End.Sub(c.Onset).Seconds()
	if c.Onset.IsZero() || !(rest > 0) || c.Onset.Before(p.B.Start) {
		return 1
	}
	return whole / rest
}
