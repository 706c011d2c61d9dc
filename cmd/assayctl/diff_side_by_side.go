package main

import (
	"context"
	"errors"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/wire"
)

// sideBySide lets the collector compare two queries within a window.
func (s *diffServer) sideBySide(ctx context.Context, a, b string) (*report.SideBySide, error) {
	d, err := s.fetch(ctx, wire.NewDiff{A: a, B: b, Keys: s.keys, SideBySide: true})
	if err != nil {
		return nil, err
	}
	if d.SideBySide == nil {
		return nil, errors.New("--side-by-side: the collector does not know it; compare two windows of one query, or use a newer collector")
	}
	diff, err := compared(d)
	if err != nil {
		return nil, err
	}
	return &report.SideBySide{Diff: diff, Apart: apartOf(d.SideBySide), A: d.SideBySide.SelectedA, B: d.SideBySide.SelectedB, Overlap: true}, nil
}

func apartOf(s *wire.SideBySide) *compare.Apart {
	a := &compare.Apart{
		FDR: s.FDR, Tests: s.Tests, Keys: s.Attributes, Enough: s.EnoughData, Telling: propertiesOf(s.Telling), Selected: propertiesOf(s.Selected),
	}
	for _, m := range s.LeftOutMeasures {
		a.Consequences = append(a.Consequences, compare.Measure(m))
	}
	return a
}

func propertiesOf(list []wire.Property) (made []compare.Property) {
	for i := range list {
		p := &list[i]
		c := compare.Property{
			Identity: identityOf(&p.Identity), Failed: p.Error, TracesA: p.TracesA, TracesB: p.TracesB, ShareA: float64(p.ShareA), ShareB: float64(p.ShareB),
			Difference: float64(p.Difference), Low: float64(p.Low), High: float64(p.High), P: float64(p.P), Q: float64(p.Q), Exemplars: p.Exemplars,
		}
		for n := range p.SameTraces { // their shares are those of the first
			other := c
			other.Identity, other.Failed, other.Same = identityOf(&p.SameTraces[n].Identity), p.SameTraces[n].Error, nil
			c.Same = append(c.Same, other)
		}
		made = append(made, c)
	}
	return made
}
