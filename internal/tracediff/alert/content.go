package alert

import (
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode"
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
	Summary     string      `json:"summary"`           // where it happened, what, and since when, in one line
	Description string      `json:"description"`       // since when, what follows from it, and a trace to look at
	Service     string      `json:"service,omitempty"` // at fault
	Deployed    *Deployment `json:"deployed,omitempty"`
	Kind        string      `json:"kind"` // of the group that changed most
	Key         string      `json:"key,omitempty"`
	Value       string      `json:"value,omitempty"`
	Caller      string      `json:"caller,omitempty"` // of an edge: service and operation
	Measure     string      `json:"measure"`
	Verdict     string      `json:"verdict"`
	Before      *float64    `json:"before"` // see Unit; null: not known
	After       *float64    `json:"after"`
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

const (
	maxText    = 256 // of each text from a span, in bytes
	maxSummary = 200 // of the summary, in characters: chats and pagers cut what is longer
	maxName    = 60  // of the query's name in it
)

// NewContent describes an incident as its cause stands in a diff.
func NewContent(q *store.Query, e *incident.Event) Content {
	d, cause := e.Diff, e.Cause
	c := &d.Changes[cause.Main]
	_, follows := report.Cause(d, cause, clean)
	name := clean(q.Name)
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName-1]) + "…"
	}
	name += ": "
	content := Content{
		Query: clean(q.Name), QueryID: q.ID, Text: clean(q.Text), Baseline: d.Baseline, DiffID: d.ID,
		Summary: name + report.Summary(d, cause, clean, maxSummary-utf8.RuneCountInString(name)), Description: follows,
		Service: clean(cause.Service), Kind: string(c.Kind), Key: clean(c.Key), Value: clean(c.Value),
		Measure: string(cause.Measure), Verdict: string(cause.Verdict),
		Effect: known(c.Effect), Low: known(c.Low), High: known(c.High), Q: known(c.Q),
		Windows: c.Windows, Changes: 1 + len(cause.Explains), Exemplars: append([]string{}, c.Exemplars...), Fingerprint: e.Incident.ID,
	}
	if v := report.Deployed(d, cause); v != nil {
		content.Deployed = &Deployment{clean(v.Service), clean(v.From), clean(v.To)}
	}
	if c.Caller != "" || c.CallerService != "" {
		content.Caller = clean(c.CallerService + " " + c.Caller)
	}
	before, after, unit := report.Measured(c)
	scale := 1.0
	switch content.Unit = string(unit); unit {
	case report.Nanoseconds:
		content.Unit, scale = "ms", 1e-6
	case report.ShareOfTraces:
		content.Unit, scale = "% of traces with an error", 100
	case report.CallsPerTrace:
		content.Unit = "calls per trace"
	}
	content.Before, content.After = known(before*scale), known(after*scale)
	return content
}

// Ending is the part of a content that is new when an incident is over: why.
func Ending(reason compare.Reason) json.RawMessage {
	text, _ := json.Marshal(map[string]string{"reason": string(reason)}) // cannot fail
	return text
}

// endings say why an incident is over.
var endings = map[string]string{
	string(compare.IsGone):           "over: measured to be gone",
	string(compare.BaselineReplaced): "over: its baseline was replaced, it may still be there",
}

// details is the description, and behind it why it is over.
func (c *Content) details() string {
	if over, ok := endings[c.Reason]; ok {
		return strings.TrimPrefix(c.Description+"; "+over, "; ")
	}
	return c.Description
}

// Pack makes the content of a stored alert.
func (c *Content) Pack() (json.RawMessage, error) { return json.Marshal(c) }

func unpack(a *store.Alert) (Content, error) {
	var c Content
	err := json.Unmarshal(a.Content, &c)
	return c, err
}

// clean makes a text valid UTF-8 of printable characters on one line, and bounds it.
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
		if unicode.IsPrint(r) {
			return r
		}
		return ' ' // also what breaks a line, or turns the direction of writing
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
