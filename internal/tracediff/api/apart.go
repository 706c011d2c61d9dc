package api

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// apartBody is what tells the traces of two queries apart.
type apartBody struct {
	QueryA       string         `json:"queryA"` // text of A's query; query is that of B
	QueryIDA     string         `json:"queryIdA"`
	Enough       bool           `json:"enoughData"`
	FDR          number         `json:"fdr"`
	Tests        int            `json:"tests"`
	Attributes   int            `json:"attributes"`
	Telling      []propertyBody `json:"telling"` // what separates best comes first
	TellingTotal int            `json:"tellingTotal"`
	Selected     []propertyBody `json:"selected"`        // what the queries select by
	LeftOut      []string       `json:"leftOutMeasures"` // that the queries select by, so that changes of them say nothing
}

// propertyBody is something that traces have or have not.
type propertyBody struct {
	identity
	Error      bool       `json:"error,omitempty"` // not that a trace has it, but that it has an error there
	TracesA    uint64     `json:"tracesA"`
	TracesB    uint64     `json:"tracesB"`
	ShareA     number     `json:"shareA"`
	ShareB     number     `json:"shareB"`
	Difference number     `json:"difference"` // B - A
	Low        number     `json:"low"`
	High       number     `json:"high"`
	P          number     `json:"p"`
	Q          number     `json:"q"`
	Same       []sameBody `json:"sameTraces"` // what else the same traces have
	Exemplars  []string   `json:"exemplars"`
}

type sameBody struct {
	identity
	Error bool `json:"error,omitempty"`
}

func (h *handlers) apartOf(d *store.Diff, most int) *apartBody {
	a := d.Apart
	b := &apartBody{
		QueryA: h.service.KnownQuery(d.Against).Text, QueryIDA: d.Against, Enough: a.Enough, FDR: number(a.FDR), Tests: a.Tests, Attributes: a.Keys,
		Telling: propertiesOf(a.Telling, most), TellingTotal: len(a.Telling), Selected: propertiesOf(a.Selected, most), LeftOut: []string{},
	}
	for _, m := range a.Consequences {
		b.LeftOut = append(b.LeftOut, string(m))
	}
	return b
}

// propertiesOf are at most so many.
func propertiesOf(list []compare.Property, most int) []propertyBody {
	made := []propertyBody{}
	for i := range list[:min(most, len(list))] {
		p := &list[i]
		b := propertyBody{
			identity: identityOf(&p.Identity), Error: p.Failed, TracesA: p.TracesA, TracesB: p.TracesB, ShareA: number(p.ShareA), ShareB: number(p.ShareB),
			Difference: number(p.Difference), Low: number(p.Low), High: number(p.High), P: number(p.P), Q: number(p.Q),
			Same: []sameBody{}, Exemplars: append([]string{}, p.Exemplars...),
		}
		for n := range p.Same {
			b.Same = append(b.Same, sameBody{identityOf(&p.Same[n].Identity), p.Same[n].Failed})
		}
		made = append(made, b)
	}
	return made
}

// sidesOf is the diff of two queries for people.
func (h *handlers) sidesOf(d *store.Diff) *report.SideBySide {
	text := func(id string) string {
		if q := h.service.KnownQuery(id); q.Text != "" {
			return q.Text
		}
		return "query " + id // its text is forgotten
	}
	return &report.SideBySide{Diff: &d.Diff, Apart: d.Apart, A: text(d.Against), B: text(d.QueryID), Overlap: true}
}
