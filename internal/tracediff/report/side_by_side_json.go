package report

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
)

// SideBySideDocument is a Document of two selections, with what tells them apart.
type SideBySideDocument struct {
	*Document
	Apart ApartDocument `json:"apart"`
}

// ApartDocument is what tells B from A.
type ApartDocument struct {
	SelectedA    string              `json:"selected_a,omitempty"` // query; none: all others
	SelectedB    string              `json:"selected_b"`
	Both         uint64              `json:"traces_of_both"` // count for B only
	Enough       bool                `json:"enough_data"`
	FDR          float64             `json:"fdr"`
	Tests        int                 `json:"tests"`
	Attributes   int                 `json:"attributes"`
	Telling      []PropertyDocument  `json:"telling"`  // what separates best comes first
	Selected     []PropertyDocument  `json:"selected"` // what the traces were selected by
	Rest         []PropertyDocument  `json:"rest,omitempty"`
	TellingTotal int                 `json:"telling_total"` // without those of the same traces
	Consequences []compare.Measure   `json:"left_out_measures,omitempty"`
	Captured     *CapturedAttributes `json:"captured,omitempty"`
}

// CapturedAttributes says how attributes were captured, where not by their values.
type CapturedAttributes struct {
	Ranges   []string `json:"ranges,omitempty"`
	Presence []string `json:"presence,omitempty"`
	LeftOut  []string `json:"left_out,omitempty"`
	More     bool     `json:"more_left_out,omitempty"`
}

// PropertyDocument is something that traces have or have not.
type PropertyDocument struct {
	Identity
	Error      bool               `json:"error,omitempty"` // not that a trace has it, but that it has an error there
	TracesA    uint64             `json:"traces_a"`
	TracesB    uint64             `json:"traces_b"`
	ShareA     float64            `json:"share_a"`
	ShareB     float64            `json:"share_b"`
	Difference float64            `json:"difference"`
	Low        Number             `json:"low"`
	High       Number             `json:"high"`
	P          Number             `json:"p"`
	Q          Number             `json:"q"`
	Same       []PropertyDocument `json:"same_traces,omitempty"`
	Exemplars  []string           `json:"exemplars,omitempty"`
}

// NewSideBySideDocument makes the document, with as much as the options list.
func NewSideBySideDocument(s *SideBySide, o Options) *SideBySideDocument {
	list, _ := top(s.Apart.Telling, o)
	selected, _ := top(s.Apart.Selected, o)
	doc := &SideBySideDocument{Document: NewDocument(s.beside(), o), Apart: ApartDocument{
		SelectedA: s.A, SelectedB: s.B, Both: s.Both, Enough: s.Apart.Enough, FDR: s.Apart.FDR, Tests: s.Apart.Tests, Attributes: s.Apart.Keys,
		Telling: propertyDocuments(list), Selected: propertyDocuments(selected), TellingTotal: len(s.Apart.Telling), Consequences: s.Apart.Consequences,
	}}
	if o.All {
		doc.Apart.Rest = propertyDocuments(s.Apart.Rest)
	}
	if a := s.Attributes; a != nil {
		doc.Apart.Captured = &CapturedAttributes{a.Ranges, a.Presence, a.LeftOut, a.More}
	}
	return doc
}

func propertyDocuments(list []compare.Property) []PropertyDocument {
	made := []PropertyDocument{}
	for i := range list {
		p := &list[i]
		d := PropertyDocument{
			Identity: identity(&p.Identity), Error: p.Failed, TracesA: p.TracesA, TracesB: p.TracesB,
			ShareA: p.ShareA, ShareB: p.ShareB, Difference: p.Difference, Low: Number(p.Low), High: Number(p.High), P: Number(p.P), Q: Number(p.Q),
			Exemplars: p.Exemplars,
		}
		if len(p.Same) > 0 {
			d.Same = propertyDocuments(p.Same)
		}
		made = append(made, d)
	}
	return made
}
