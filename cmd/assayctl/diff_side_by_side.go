package main

import (
	"context"
	"errors"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// remoteApart is what tells the traces of two queries apart, as the API of trace diff writes it.
type remoteApart struct {
	QueryA          string
	QueryIDA        string
	EnoughData      bool
	FDR             float64
	Tests           int
	Attributes      int
	Telling         []remoteProperty
	TellingTotal    int
	Selected        []remoteProperty
	LeftOutMeasures []compare.Measure
}

type remoteProperty struct {
	snapshot.Identity
	Error          bool
	TracesA        uint64
	TracesB        uint64
	ShareA, ShareB float64
	Difference     float64
	Low, High      report.Number
	P, Q           report.Number
	SameTraces     []remoteSame
	Exemplars      []string
}

type remoteSame struct {
	snapshot.Identity
	Error bool
}

// sideBySide lets the collector compare two queries within a window.
func (s *diffServer) sideBySide(ctx context.Context, a, b string) (*report.SideBySide, error) {
	d, err := s.fetch(ctx, map[string]any{"a": a, "b": b, "sideBySide": true})
	if err != nil {
		return nil, err
	}
	if d.Apart == nil {
		return nil, errors.New("--side-by-side: the collector does not know it; compare two windows of one query, or use a newer collector")
	}
	named := func(text, id string) string {
		if text == "" {
			return "query " + id
		}
		return text
	}
	diff, err := d.diff()
	if err != nil {
		return nil, err
	}
	return &report.SideBySide{
		Diff: diff, Apart: d.Apart.apart(), A: named(d.Apart.QueryA, d.Apart.QueryIDA), B: named(d.Query, d.QueryID), Overlap: true,
	}, nil
}

func (a *remoteApart) apart() *compare.Apart {
	return &compare.Apart{
		FDR: a.FDR, Tests: a.Tests, Keys: a.Attributes, Enough: a.EnoughData, Telling: properties(a.Telling), Selected: properties(a.Selected),
		Consequences: a.LeftOutMeasures,
	}
}

func properties(list []remoteProperty) (made []compare.Property) {
	for i := range list {
		p := &list[i]
		c := compare.Property{
			Identity: identified(p.Identity), Failed: p.Error, TracesA: p.TracesA, TracesB: p.TracesB, ShareA: p.ShareA, ShareB: p.ShareB,
			Difference: p.Difference, Low: float64(p.Low), High: float64(p.High),
			P: float64(p.P), Q: float64(p.Q), Exemplars: p.Exemplars,
		}
		for _, s := range p.SameTraces { // their shares are those of the first
			other := c
			other.Identity, other.Failed, other.Same = identified(s.Identity), s.Error, nil
			c.Same = append(c.Same, other)
		}
		made = append(made, c)
	}
	return made
}
