package report

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// special is what to say of a cause that the change of its site alone would not tell; nil: there is nothing else to say.
func (p *speaker) special(g *Group) []clause {
	m, c := g.Main, g.Cause
	value := elastic(p.show(m.Value))
	switch {
	case c.Kind == compare.Renamed && m.Kind == snapshot.Service:
		return []clause{said(fixed("takes the place of "+p.service(c.Was)+", "), fixed(moved(m, m.Verdict)))}
	case c.Kind == compare.Renamed:
		return []clause{said(elastic(p.show(c.Was)), fixed(" is now named "), value)}
	case c.Kind == compare.Inserted:
		text := "is new" + p.between(g) + ", " + moved(m, m.Verdict)
		if m.Kind == snapshot.Service {
			return []clause{said(fixed(text))}
		}
		return []clause{said(value, fixed(" "+text))}
	case c.Kind == compare.SpansMissing:
		return []clause{said(fixed("spans are missing, " + moved(m, m.Verdict)))}
	case p.ofTraffic(m):
		much := "more traffic of "
		if m.Verdict == compare.FewerCalls {
			much = "less traffic of "
		}
		return []clause{said(fixed(much), value, fixed(", "+moved(m, m.Verdict)))}
	}
	return nil
}

// ofTraffic tells whether a change is that users ask for something more or less often.
func (p *speaker) ofTraffic(c *compare.Change) bool {
	return c.Measure == compare.CallRate && c.Kind == snapshot.Operation && len(p.callers()[operation{c.Service, c.Value}]) == 0
}

// between says what an operation is new between: the ends of a call that there is no more.
func (p *speaker) between(g *Group) string {
	for _, c := range g.Explains {
		if c.Kind == snapshot.Edge && c.Verdict == compare.Missing {
			return " between " + p.service(c.CallerService) + " and " + p.service(c.Service)
		}
	}
	return ""
}

// unseen is how it shows that spans are missing.
func (p *speaker) unseen(g *Group) clause {
	var share float64
	for _, c := range g.Explains {
		if c.Kind == snapshot.Path && c.PathID == "" {
			share += c.B.PerTrace
		}
	}
	if share > 0 {
		return said(fixed(percentage(min(1, share)) + " of the traces have spans without their parent now"))
	}
	return said(fixed("calls of it are made as before, without a span of it"))
}

// aside is what is added to the service at fault.
func aside(c *compare.Cause) string {
	switch {
	case c.Kind != compare.OnTheWay:
		return ""
	case c.Service == c.Site.Service:
		return " or the way to it"
	}
	return " or the way from it"
}
