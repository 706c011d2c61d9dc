package report

import (
	"fmt"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// operation names what a service does.
type operation struct{ service, name string }

// callers are the operations that call each operation, on either side.
func (p *speaker) callers() map[operation][]operation {
	if p.up != nil {
		return p.up
	}
	p.up = map[operation][]operation{}
	for i := range p.Changes {
		if id := &p.Changes[i].Identity; id.Kind == snapshot.Edge {
			to, from := operation{id.Service, id.Value}, operation{id.CallerService, id.Caller}
			if to != from {
				p.up[to] = append(p.up[to], from)
			}
		}
	}
	return p.up
}

// noticed is the change that users notice most of those that follow from a cause: an operation that nobody calls, by preference.
func (p *speaker) noticed(g *Group) *compare.Change {
	var s *compare.Change
	if n := g.Cause.Symptom; n >= 0 && n < len(p.Changes) {
		s = &p.Changes[n]
	}
	if s != nil && s.Kind == snapshot.Operation {
		return s
	}
	for _, c := range g.Explains {
		if c.Kind == snapshot.Operation && (c.Measure == compare.Latency || c.Measure == compare.Errors) && len(p.callers()[operation{c.Service, c.Value}]) == 0 {
			return c
		}
	}
	return s
}

// symptom says what users notice of a cause, and how much else follows from it. There is no need to repeat what the first line says.
func (p *speaker) symptom(g *Group, first *compare.Change) clause {
	n := len(g.Explains)
	if first != nil {
		n--
	}
	more := number(n, "more change")
	s := p.noticed(g)
	if s == nil || s == first {
		return clause{pieces: []piece{fixed(more)}, spare: spareSymptom}
	}
	text := " " + phrase(s, s.Verdict)
	if n > 1 {
		text += fmt.Sprintf(" and %d more", n-1)
	}
	return clause{pieces: append(namePieces(&s.Identity, p.show), fixed(text)), instead: []piece{fixed(more)}, spare: spareSymptom}
}
