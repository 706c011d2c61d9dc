package compare

import (
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Criteria tells what two selections were made by: a value of an attribute, of "service" or "operation", "true" of "error"; or the
// "duration", of which there are no values.
type Criteria func(key, value string) bool

// Keys of criteria that are no attributes.
const (
	byService   = "service"
	byOperation = "operation"
	byError     = "error"
	byDuration  = "duration"
)

// SideBySide compares two selections of the traces of one window, or of one window each: with the properties of their traces, and as
// Compare does, by the values of some keys. What follows from how they were selected is left out of the diff: that slow traces are slow
// needs no test. How much windows differ is the stated prior, for no history knows how much selections do.
func SideBySide(a, b *snapshot.Snapshot, keys []string, t Thresholds, by Criteria) (*Diff, *Apart) {
	x, y := *a, *b
	x.Keys, y.Keys = keys, keys
	d := Compare(&x, &y, nil, t)
	apart := TellApart(a, b, t.FDR, by.selected)
	if by(byDuration, "") {
		apart.Consequences = append(apart.Consequences, Latency, Waiting, Slowest)
	}
	if by(byError, "true") {
		apart.Consequences = append(apart.Consequences, Errors)
	}
	d.Only(func(c *Change) bool { return !slices.Contains(apart.Consequences, c.Measure) })
	d.name()
	return d, apart
}

// Explains finds the changes of a diff that the shares say already: what is there or not, and what is called more often because more
// traces have it. What each trace, or each call of a caller, calls more often is another matter.
func (a *Apart) Explains() func(*Change) bool {
	ratio := map[snapshot.Identity]float64{}
	note := func(list []Property) {
		for i := range list {
			if p := &list[i]; !p.Failed {
				ratio[p.Identity] = p.ShareB / p.ShareA
			}
		}
	}
	for _, list := range [...][]Property{a.Rest, a.Telling, a.Selected} {
		note(list)
		for i := range list {
			note(list[i].Same)
		}
	}
	return func(c *Change) bool {
		id := c.Identity
		if id.Kind == snapshot.Edge {
			id = snapshot.Identity{Kind: snapshot.Operation, Service: id.Service, Value: id.Value}
		}
		r, known := ratio[id]
		switch c.Measure {
		case Presence:
			return known
		case CallRate:
			return known && c.Kind != snapshot.Edge && c.Low <= r && r <= c.High
		}
		return false
	}
}

// selected tells whether the traces were selected by a property.
func (by Criteria) selected(p *Property) bool {
	switch {
	case p.Failed:
		return by(byError, "true")
	case p.Kind == snapshot.Service:
		return by(byService, p.Value)
	case p.Kind == snapshot.Operation:
		return by(byOperation, p.Value)
	case p.Kind == snapshot.Attribute:
		return by(p.Key, p.Value)
	}
	return false
}
