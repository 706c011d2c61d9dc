package report

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/wire"
)

// NewSideBySide is a comparison of two selections for a program, with as much as the options list.
func NewSideBySide(s *SideBySide, o Options) *wire.Comparison {
	list, _ := top(s.Apart.Telling, o)
	selected, _ := top(s.Apart.Selected, o)
	c := NewComparison(s.beside(), o)
	c.SideBySide = s.told(list, selected)
	if o.All {
		c.SideBySide.Rest = propertiesOf(s.Apart.Rest)
	}
	return c
}

// TellingOf is what tells the selections apart, with at most so many properties in each list.
func TellingOf(s *SideBySide, most int) *wire.SideBySide {
	telling, selected := s.Apart.Telling, s.Apart.Selected
	return s.told(telling[:min(most, len(telling))], selected[:min(most, len(selected))])
}

func (s *SideBySide) told(telling, selected []compare.Property) *wire.SideBySide {
	b := &wire.SideBySide{
		SelectedA: s.A, SelectedB: s.B, EnoughData: s.Apart.Enough, FDR: s.Apart.FDR, Tests: s.Apart.Tests, Attributes: s.Apart.Keys,
		Telling: propertiesOf(telling), TellingTotal: len(s.Apart.Telling), Selected: propertiesOf(selected), LeftOutMeasures: []wire.Measure{},
	}
	if !s.Overlap {
		b.TracesOfBoth = &s.Both
	}
	for _, m := range s.Apart.Consequences {
		b.LeftOutMeasures = append(b.LeftOutMeasures, wire.Measure(m))
	}
	if a := s.Attributes; a != nil {
		b.Captured = &wire.Captured{
			Ranges: append([]string{}, a.Ranges...), Presence: append([]string{}, a.Presence...), LeftOut: append([]string{}, a.LeftOut...), MoreLeftOut: a.More,
		}
	}
	return b
}

func propertiesOf(list []compare.Property) []wire.Property {
	made := []wire.Property{}
	for i := range list {
		p := &list[i]
		d := wire.Property{
			Identity: IdentityOf(&p.Identity), Error: p.Failed, TracesA: p.TracesA, TracesB: p.TracesB, ShareA: wire.Number(p.ShareA), ShareB: wire.Number(p.ShareB),
			Difference: wire.Number(p.Difference), Low: wire.Number(p.Low), High: wire.Number(p.High), P: wire.Number(p.P), Q: wire.Number(p.Q),
			SameTraces: []wire.SameProperty{}, Exemplars: append([]string{}, p.Exemplars...),
		}
		for n := range p.Same {
			d.SameTraces = append(d.SameTraces, wire.SameProperty{Identity: IdentityOf(&p.Same[n].Identity), Error: p.Same[n].Failed})
		}
		made = append(made, d)
	}
	return made
}
