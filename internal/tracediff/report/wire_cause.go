package report

import (
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/wire"
)

// Cause is the fingerprint of the main change of the cause that a change belongs to; empty where there is none.
func (a *Arranged) Cause(c *compare.Change) string {
	if n := a.number[c]; n > 0 {
		return a.Groups[n-1].Main.Fingerprint
	}
	return ""
}

// CauseOf is a cause of a diff for a program. show makes names from spans harmless in the summary, and bounds it.
func CauseOf(d *compare.Diff, c *compare.Cause, show func(string) string) wire.Cause {
	return causeOf(&speaker{Diff: d, show: show, zone: " UTC"}, groupOf(d, c))
}

// causeList are the causes of a diff, in their order.
func causeList(d *compare.Diff, a *Arranged) []wire.Cause {
	p := &speaker{Diff: d, show: Clean, zone: " UTC"}
	list := make([]wire.Cause, 0, len(a.Groups))
	for i := range a.Groups {
		list = append(list, causeOf(p, &a.Groups[i]))
	}
	return list
}

func causeOf(p *speaker, g *Group) wire.Cause {
	c := g.Cause
	before, after, unit := Measured(g.Main)
	b := wire.Cause{
		Summary: p.summary(g, longestSummary), Service: c.Service, Site: IdentityOf(&c.Site), Measure: wire.Measure(c.Measure), Verdict: wire.Verdict(c.Verdict),
		Kind: wire.CauseKind(c.Kind), Was: p.show(c.Was), Before: wire.Number(before), After: wire.Number(after), Unit: unit,
		Onset: wire.Moment(c.Onset), Ended: wire.Moment(c.Ended), Share: wire.Number(c.Share), Main: g.Main.Fingerprint, Explains: []string{},
	}
	if v := p.deployment(g); v != nil {
		b.Deployed = &wire.NewVersion{Service: v.Service, From: v.From, To: v.To}
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
