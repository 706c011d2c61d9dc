package alert

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Content is what there is to say of a change. All of it is safe to print: attribute values come from spans, and may be
// anything.
type Content struct {
	Query       string   `json:"query"` // name
	QueryID     string   `json:"queryId"`
	Text        string   `json:"text"` // the query itself
	Baseline    string   `json:"baseline"`
	DiffID      string   `json:"diffId"`
	Kind        string   `json:"kind"` // of group
	Key         string   `json:"key,omitempty"`
	Service     string   `json:"service,omitempty"` // that the group belongs to, or is
	Value       string   `json:"value,omitempty"`
	Caller      string   `json:"caller,omitempty"` // of an edge: service and operation
	Measure     string   `json:"measure"`
	Verdict     string   `json:"verdict"`
	Before      float64  `json:"before"` // see Unit
	After       float64  `json:"after"`
	Unit        string   `json:"unit"`
	Effect      float64  `json:"effect"` // latency and calls: after/before; errors and presence: after - before
	Low         float64  `json:"low"`    // of the 95 % confidence interval of the effect
	High        float64  `json:"high"`
	Q           float64  `json:"q"`
	Windows     int      `json:"windows"`
	Exemplars   []string `json:"exemplars"` // trace ids
	Fingerprint string   `json:"fingerprint"`
}

// maxText bounds each text from a span, in bytes.
const maxText = 256

// NewContent describes a change.
func NewContent(q *store.Query, d *compare.Diff, c *compare.Change) Content {
	content := Content{
		Query: clean(q.Name), QueryID: q.ID, Text: clean(q.Text), Baseline: d.Baseline, DiffID: d.ID,
		Kind: string(c.Kind), Key: clean(c.Key), Service: clean(c.ServiceName()), Value: clean(c.Value),
		Measure: string(c.Measure), Verdict: string(c.Verdict),
		Effect: finite(c.Effect), Low: finite(c.Low), High: finite(c.High), Q: finite(c.Q),
		Windows: c.Windows, Exemplars: append([]string{}, c.Exemplars...), Fingerprint: c.Fingerprint,
	}
	if c.Caller != "" || c.CallerService != "" {
		content.Caller = clean(c.CallerService + " " + c.Caller)
	}
	switch c.Measure {
	case compare.Latency:
		content.Before, content.After, content.Unit = c.A.GeoMean/1e6, c.B.GeoMean/1e6, "ms"
	case compare.Errors:
		content.Before, content.After, content.Unit = c.A.ErrorShare*100, c.B.ErrorShare*100, "% errors"
	case compare.CallRate:
		content.Before, content.After, content.Unit = c.A.PerTrace, c.B.PerTrace, "calls per trace"
	default:
		content.Before, content.After, content.Unit = float64(c.A.Traces), float64(c.B.Traces), "traces"
	}
	content.Before, content.After = finite(content.Before), finite(content.After)
	return content
}

// Where names the group.
func (c *Content) Where() string {
	switch c.Kind {
	case "edge":
		return fmt.Sprintf("%s -> %s %s", c.Caller, c.Service, c.Value)
	case "attribute":
		return fmt.Sprintf("%s = %s", c.Key, c.Value)
	case "total":
		return "all traces"
	case "service":
		return c.Value
	}
	return strings.TrimSpace(c.Service + " " + c.Value)
}

// Summary says it in one line.
func (c *Content) Summary() string {
	return fmt.Sprintf("%s: %s %s", c.Query, c.Where(), strings.ReplaceAll(c.Verdict, "_", " "))
}

// Description says how much, and how sure that is.
func (c *Content) Description() string {
	change := fmt.Sprintf("%.4g -> %.4g %s", c.Before, c.After, c.Unit)
	if c.Measure == string(compare.Presence) {
		return fmt.Sprintf("%s, %d windows in a row (q = %.2g), against baseline %s", change, c.Windows, c.Q, c.Baseline)
	}
	return fmt.Sprintf("%s (effect %.3g, 95 %% interval %.3g to %.3g, q = %.2g), %d windows in a row, against baseline %s",
		change, c.Effect, c.Low, c.High, c.Q, c.Windows, c.Baseline)
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

// finite makes a number that JSON has a form for.
func finite(v float64) float64 {
	switch {
	case math.IsNaN(v):
		return 0
	case math.IsInf(v, 0):
		return math.Copysign(math.MaxFloat64, v)
	}
	return v
}

// horizon is for how long a target should believe an alert that is not repeated.
func horizon(now time.Time) time.Time { return now.Add(believed) }

const believed = 15 * time.Minute
