package api

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
)

// causeBody is one thing that happened. Changes are named by their fingerprints.
type causeBody struct {
	Summary  string          `json:"summary"` // where it happened, what, and since when, for people
	Service  string          `json:"service"` // at fault; empty where it is not about a service
	Site     identity        `json:"site"`    // what changed there most
	Measure  string          `json:"measure"`
	Verdict  string          `json:"verdict"`
	Kind     string          `json:"kind"` // how to read it; empty: as measure and verdict say
	Was      string          `json:"was"`  // the name of before, of what is renamed; else empty
	Before   number          `json:"before"`
	After    number          `json:"after"`
	Unit     string          `json:"unit"` // of before and after
	Onset    *int64          `json:"onset"`
	Ended    *int64          `json:"ended"`
	Deployed *deploymentBody `json:"deployed"`
	Share    number          `json:"share"`    // of what all traces lost or won, in time or in errors, that went to the service
	Main     string          `json:"main"`     // the change of the site, which is not flagged where the cause is likely only
	Symptom  *string         `json:"symptom"`  // the one that users notice most
	Explains []string        `json:"explains"` // those that follow from it
}

type deploymentBody struct {
	Service string `json:"service"`
	From    string `json:"from"`
	To      string `json:"to"`
}

func causesOf(d *compare.Diff, a *report.Arranged) []causeBody {
	list := []causeBody{}
	for i, e := range report.Explanations(d, a) {
		c := a.Groups[i].Cause
		b := causeBody{
			Summary: e.Summary, Service: e.Service, Site: identityOf(&c.Site), Measure: string(e.Measure), Verdict: string(e.Verdict), Kind: string(e.Kind), Was: e.Was,
			Before: e.Before, After: e.After, Unit: string(e.Unit), Onset: moment(c.Onset), Ended: moment(c.Ended), Share: e.Share,
			Main: e.Main, Symptom: e.Symptom, Explains: e.Explains,
		}
		if e.Unit == report.Nanoseconds {
			b.Before, b.After, b.Unit = e.Before/number(time.Microsecond), e.After/number(time.Microsecond), "us"
		}
		if v := e.Deployed; v != nil {
			b.Deployed = &deploymentBody{v.Service, v.From, v.To}
		}
		list = append(list, b)
	}
	return list
}
