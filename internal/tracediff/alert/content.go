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
	"github.com/assayhq/assay/internal/wire"
)

const (
	maxText    = 256 // of each text from a span, in bytes
	maxSummary = 200 // of the summary, in characters: chats and pagers cut what is longer
	maxName    = 60  // of the query's name in it
)

// NewContent describes an incident as its cause stands in a diff. All of it is safe to print: names and attribute values come from spans,
// and may be anything.
func NewContent(q *store.Query, e *incident.Event) wire.AlertContent {
	d, cause := e.Diff, e.Cause
	c := &d.Changes[cause.Main]
	_, follows := report.Cause(d, cause, clean)
	name := clean(q.Name)
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName-1]) + "…"
	}
	name += ": "
	return wire.AlertContent{
		Query: clean(q.Name), QueryID: q.ID, Text: clean(q.Text), Baseline: d.Baseline, DiffID: d.ID,
		Summary: name + report.Summary(d, cause, clean, maxSummary-utf8.RuneCountInString(name)), Description: follows,
		Cause: causeOf(d, cause), Effect: bounded(c.Effect), Low: bounded(c.Low), High: bounded(c.High), Q: bounded(c.Q),
		Windows: c.Windows, Changes: 1 + len(cause.Explains), Exemplars: append([]string{}, c.Exemplars...), Fingerprint: e.Incident.ID,
	}
}

// causeOf is a cause with clean names.
func causeOf(d *compare.Diff, cause *compare.Cause) wire.Cause {
	c := report.CauseOf(d, cause, clean)
	names := []*string{&c.Service, &c.Site.Key, &c.Site.Service, &c.Site.Value, &c.Site.CallerService, &c.Site.Caller}
	if v := c.Deployed; v != nil {
		names = append(names, &v.Service, &v.From, &v.To)
	}
	for _, name := range names {
		*name = clean(*name)
	}
	c.Before, c.After, c.Share = bounded(float64(c.Before)), bounded(float64(c.After)), bounded(float64(c.Share))
	return c
}

// Ending is the part of a content that is new when an incident is over: why.
func Ending(reason compare.Reason) json.RawMessage {
	text, _ := json.Marshal(map[string]string{"reason": string(reason)}) // cannot fail
	return text
}

// endings say why an incident is over.
var endings = map[compare.Reason]string{
	compare.IsGone:           "over: measured to be gone",
	compare.BaselineReplaced: "over: its baseline was replaced, it may still be there",
}

// details is the description, and behind it why it is over.
func details(c *wire.AlertContent) string {
	if over, ok := endings[compare.Reason(c.Reason)]; ok {
		return strings.TrimPrefix(c.Description+"; "+over, "; ")
	}
	return c.Description
}

// Unpack is the content of a stored alert.
func Unpack(a *store.Alert) (wire.AlertContent, error) {
	var c wire.AlertContent
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

// bounded is a number that JSON has a form for, or one that is not known.
func bounded(v float64) wire.Number {
	return wire.Number(max(-math.MaxFloat64, min(math.MaxFloat64, v))) // NaN stays what it is
}

// horizon is for how long a target should believe an alert that is not repeated.
func horizon(now time.Time) time.Time { return now.Add(believed) }

const believed = 15 * time.Minute
