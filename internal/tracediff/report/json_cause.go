package report

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Explanation is a cause in a Document. Changes are named by their fingerprints, since a list may be cut.
type Explanation struct {
	Summary  string            `json:"summary"` // where it happened and what, for people
	Service  string            `json:"service"` // where it happened; empty where it is not about a service
	Site     Identity          `json:"site"`    // what changed there most
	Measure  compare.Measure   `json:"measure"`
	Verdict  compare.Verdict   `json:"verdict"`
	Kind     compare.CauseKind `json:"kind"` // how to read it; empty: as measure and verdict say
	Was      string            `json:"was"`  // the name of before, of what is renamed; else empty
	Before   Number            `json:"before"`
	After    Number            `json:"after"`
	Unit     Unit              `json:"unit"` // of before and after
	Onset    *time.Time        `json:"onset"`
	Ended    *time.Time        `json:"ended"`
	Deployed *Deployment       `json:"deployed"`
	Share    Number            `json:"share"`    // of what all traces lost or won, in time or in errors, that went to the service
	Main     string            `json:"main"`     // the change of the site, which is not flagged where the cause is likely only
	Symptom  *string           `json:"symptom"`  // the one that users notice most
	Explains []string          `json:"explains"` // those that follow from it
}

// Deployment is a service of which the two sides had different versions.
type Deployment struct {
	Service string `json:"service"`
	From    string `json:"from"`
	To      string `json:"to"`
}

// Cause is the fingerprint of the main change of the cause that a change belongs to; empty where there is none.
func (a *Arranged) Cause(c *compare.Change) string {
	if n := a.number[c]; n > 0 {
		return a.Groups[n-1].Main.Fingerprint
	}
	return ""
}

// Explanations are the causes of a diff, in their order.
func Explanations(d *compare.Diff, a *Arranged) []Explanation {
	p := &speaker{Diff: d, show: clean, zone: " UTC"}
	list := make([]Explanation, 0, len(a.Groups))
	for i := range a.Groups {
		list = append(list, explanation(p, &a.Groups[i]))
	}
	return list
}

func explanation(p *speaker, g *Group) Explanation {
	c := g.Cause
	before, after, unit := Measured(g.Main)
	b := Explanation{
		Summary: p.summary(g, longestSummary), Service: c.Service, Site: identity(&c.Site), Measure: c.Measure, Verdict: c.Verdict, Kind: c.Kind, Was: clean(c.Was),
		Before: Number(before), After: Number(after), Unit: unit, Onset: moment(c.Onset), Ended: moment(c.Ended), Share: Number(c.Share),
		Main: g.Main.Fingerprint, Explains: []string{},
	}
	if v := p.deployment(g); v != nil {
		b.Deployed = &Deployment{v.Service, v.From, v.To}
	}
	if s := p.noticed(g); s != nil {
		b.Symptom = &s.Fingerprint
	}
	for _, o := range g.Explains {
		b.Explains = append(b.Explains, o.Fingerprint)
	}
	return b
}

// longestSummary is how many characters a summary may have.
const longestSummary = 200
