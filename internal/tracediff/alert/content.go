package alert

import (
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/incident"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Content is what there is to say of an incident. All of it is safe to print: names and attribute values come from spans, and may
// be anything.
type Content struct {
	Query       string      `json:"query"` // name
	QueryID     string      `json:"queryId"`
	Text        string      `json:"text"` // the query itself
	Baseline    string      `json:"baseline"`
	DiffID      string      `json:"diffId"`
	Summary     string      `json:"summary"`           // where it happened and what
	Description string      `json:"description"`       // since when, and what follows from it
	Service     string      `json:"service,omitempty"` // at fault
	Deployed    *Deployment `json:"deployed,omitempty"`
	Kind        string      `json:"kind"` // of the group that changed most
	Key         string      `json:"key,omitempty"`
	Value       string      `json:"value,omitempty"`
	Caller      string      `json:"caller,omitempty"` // of an edge: service and operation
	Measure     string      `json:"measure"`
	Verdict     string      `json:"verdict"`
	Before      float64     `json:"before"` // see Unit
	After       float64     `json:"after"`
	Unit        string      `json:"unit"`
	Effect      *float64    `json:"effect"` // latency, waiting and calls: after/before; errors and presence: after - before; null: not known
	Low         *float64    `json:"low"`    // of the 95 % confidence interval of the effect
	High        *float64    `json:"high"`
	Q           *float64    `json:"q"`
	Windows     int         `json:"windows"`
	Changes     int         `json:"changes"`          // that the cause explains, itself among them
	Reason      string      `json:"reason,omitempty"` // of one that is over: "gone", or "baseline_replaced" where it may still be there
	Exemplars   []string    `json:"exemplars"`        // trace ids
	Fingerprint string      `json:"fingerprint"`
}

// Deployment is a service whose version changed.
type Deployment struct {
	Service string `json:"service"`
	From    string `json:"from"`
	To      string `json:"to"`
}

// maxText bounds each text from a span, in bytes.
const maxText = 256

// NewContent describes an incident as its cause stands in a diff.
func NewContent(q *store.Query, e *incident.Event) Content {
	d, cause := e.Diff, e.Cause
	c := &d.Changes[cause.Main]
	what, follows := report.Cause(d, cause, clean)
	content := Content{
		Query: clean(q.Name), QueryID: q.ID, Text: clean(q.Text), Baseline: d.Baseline, DiffID: d.ID,
		Summary: clean(q.Name) + ": " + what, Description: follows,
		Service: clean(cause.Service), Kind: string(c.Kind), Key: clean(c.Key), Value: clean(c.Value),
		Measure: string(cause.Measure), Verdict: string(cause.Verdict),
		Effect: known(c.Effect), Low: known(c.Low), High: known(c.High), Q: known(c.Q),
		Windows: c.Windows, Changes: 1 + len(cause.Explains), Exemplars: append([]string{}, c.Exemplars...), Fingerprint: e.Incident.ID,
	}
	if v := cause.Deployed; v != nil {
		content.Deployed = &Deployment{clean(v.Service), clean(v.From), clean(v.To)}
	}
	if c.Caller != "" || c.CallerService != "" {
		content.Caller = clean(c.CallerService + " " + c.Caller)
	}
	switch cause.Measure {
	case compare.Latency:
		content.Before, content.After, content.Unit = c.A.GeoMean/1e6, c.B.GeoMean/1e6, "ms"
	case compare.Waiting:
		content.Before, content.After, content.Unit = c.A.GeoWait/1e6, c.B.GeoWait/1e6, "ms"
	case compare.Errors:
		content.Before, content.After, content.Unit = c.A.ErrorTrace*100, c.B.ErrorTrace*100, "% of traces with an error"
	case compare.CallRate:
		content.Before, content.After, content.Unit = c.A.PerTrace, c.B.PerTrace, "calls per trace"
	default:
		content.Before, content.After, content.Unit = float64(c.A.Traces), float64(c.B.Traces), "traces"
	}
	return content
}

// Ending is the part of a content that is new when an incident is over: why.
func Ending(reason compare.Reason) json.RawMessage {
	text, _ := json.Marshal(map[string]string{"reason": string(reason)}) // cannot fail
	return text
}

// Pack makes the content of a stored alert.
func (c *Content) Pack() (json.RawMessage, error) { return json.Marshal(c) }

func unpack(a *store.Alert) (Content, error) {
	var c Content
	err := json.Unmarshal(a.Content, &c)
	return c, err
}

// clean makes a text valid UTF-8 without control characters, and bounds it.
func clean(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if last, size := utf8.DecodeLastRuneInString(s); last == utf8.RuneError && size == 1 {
			s = s[:len(s)-1]
		}
		s += "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// known is a number that JSON has a form for; nil where there is none.
func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	v = max(-math.MaxFloat64, min(math.MaxFloat64, v))
	return &v
}

// horizon is for how long a target should believe an alert that is not repeated.
func horizon(now time.Time) time.Time { return now.Add(believed) }

const believed = 15 * time.Minute
