package tracediff

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// Defaults are for queries that are silent on something.
type Defaults struct {
	Window     time.Duration
	Lateness   time.Duration
	Baselines  []baseline.Baseline
	Thresholds compare.Thresholds
}

// StandardDefaults are those of the exporter's configuration.
func StandardDefaults() Defaults {
	return Defaults{
		Window: 10 * time.Minute, Lateness: 30 * time.Second, Baselines: baseline.List("previous"), Thresholds: compare.DefaultThresholds(),
	}
}

// KeyError is what is wrong with a key of a query's definition.
type KeyError struct {
	Key     string // as in the configuration: "group_by::0"
	Message string
}

func (p KeyError) Error() string { return p.Key + ": " + p.Message }

// problems collects them.
type problems []KeyError

func (p *problems) add(key, format string, args ...any) {
	*p = append(*p, KeyError{key, fmt.Sprintf(format, args...)})
}

// Limits of a definition.
const (
	ShortestWindow = 10 * time.Second
	LongestWindow  = 24 * time.Hour
	maxName        = 200
	maxText        = 16 << 10
	maxKeys        = 50
	maxKey         = 200
	maxBaselines   = 10
)

// Complete fills in what a definition does not say.
func (d *Defaults) Complete(q *store.Query) {
	if q.Scope == "" {
		q.Scope = string(window.Trace)
	}
	if q.Window == 0 {
		q.Window = d.Window
	}
	if q.Lateness == 0 {
		q.Lateness = d.Lateness
	}
	if len(q.Baselines) == 0 {
		q.Baselines = slices.Clone(d.Baselines)
	}
	if q.Name == "" {
		q.Name = q.Text
		if len(q.Name) > maxName {
			q.Name = strings.ToValidUTF8(q.Name[:maxName], "")
		}
	}
}

// CheckText says what is wrong with the text of a query, and where.
func CheckText(text string) error {
	if text == "" {
		return errors.New(`must be set, such as service IN ("checkout"), or * for all traces`)
	}
	if len(text) > maxText {
		return fmt.Errorf("must be at most %d bytes long, got %d", maxText, len(text))
	}
	if _, err := query.Parse(text); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "query: "))
	}
	return nil
}

// Check reports all that is wrong with a complete definition. targets are the names of the alert targets there are.
func Check(q *store.Query, targets []string) []KeyError {
	var p problems
	if err := CheckText(q.Text); err != nil {
		p.add("query", "%s", err)
	}
	if len(q.Name) > maxName {
		p.add("name", "must be at most %d bytes long, got %d", maxName, len(q.Name))
	}
	if strings.ContainsFunc(q.Name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		p.add("name", "must be printable UTF-8, got %q", q.Name)
	}
	if q.Scope != string(window.Trace) && q.Scope != string(window.Span) {
		p.add("scope", `must be "trace" or "span", got %q`, q.Scope)
	}
	checkKeys(&p, q.GroupBy)
	checkTimes(&p, q.Window, q.Lateness)
	checkBaselines(&p, "baselines", q.Baselines, q.Window)
	checkThresholds(&p, &q.Thresholds, q.Window)
	for i, name := range q.Alerts {
		if !slices.Contains(targets, name) {
			p.add(fmt.Sprintf("alerts::%d", i), "%q is not one of the targets: %s", name, listed(targets))
		} else if slices.Index(q.Alerts, name) < i {
			p.add(fmt.Sprintf("alerts::%d", i), "%q is listed twice", name)
		}
	}
	return p
}

func listed(names []string) string {
	if len(names) == 0 {
		return "there are none; configure them under alerts"
	}
	return strings.Join(names, ", ")
}

func checkKeys(p *problems, keys []string) {
	if len(keys) > maxKeys {
		p.add("group_by", "at most %d keys, got %d", maxKeys, len(keys))
	}
	for i, key := range keys {
		at := fmt.Sprintf("group_by::%d", i)
		switch {
		case key == "":
			p.add(at, `must be "service", "operation" or the name of an attribute, got an empty string`)
		case len(key) > maxKey:
			p.add(at, "must be at most %d bytes long, got %d", maxKey, len(key))
		case strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
			p.add(at, "must be printable UTF-8, got %q", key)
		case slices.Index(keys, key) < i:
			p.add(at, "%q is listed twice", key)
		}
	}
}

func checkTimes(p *problems, length, lateness time.Duration) {
	if length < ShortestWindow || length > LongestWindow {
		p.add("window", "must be between %v and %v, got %v", ShortestWindow, LongestWindow, length)
	}
	if lateness < 0 || lateness > time.Hour {
		p.add("lateness", "must be between 0s and %v, got %v", time.Hour, lateness)
	}
}

// CheckDefaults reports all that is wrong with defaults, under the keys of that section.
func CheckDefaults(d *Defaults) []KeyError {
	var p problems
	checkTimes(&p, d.Window, d.Lateness)
	if len(d.Baselines) == 0 {
		p.add("baselines", "must name at least one, such as previous")
	}
	checkBaselines(&p, "baselines", d.Baselines, d.Window)
	checkThresholds(&p, &d.Thresholds, d.Window)
	return p
}

// checkThresholds reports all that is wrong with thresholds for windows of a length.
func checkThresholds(p *problems, t *compare.Thresholds, length time.Duration) {
	check := func(ok bool, key, must string, got any) {
		if !ok {
			p.add("thresholds::"+key, "must be %s, got %v", must, got)
		}
	}
	const steepest = 1000
	check(t.FDR > 0 && t.FDR < 0.5, "fdr", "more than 0 and less than 0.5", t.FDR)
	check(t.MinLatencyRatio >= 1 && t.MinLatencyRatio <= steepest, "min_latency_ratio", "between 1 and 1000", t.MinLatencyRatio)
	check(t.MinErrorDelta >= 0 && t.MinErrorDelta <= 1, "min_error_delta", "between 0 and 1", t.MinErrorDelta)
	check(t.MinCallRatio >= 1 && t.MinCallRatio <= steepest, "min_call_ratio", "between 1 and 1000", t.MinCallRatio)
	check(t.Persist >= 1 && t.Persist <= 100, "persist", "between 1 and 100", t.Persist)
	check(t.FalseAlerts > 0 && t.FalseAlerts <= 100, "false_alerts_per_week", "more than 0 and at most 100", t.FalseAlerts)
	check(t.NewNormal >= length, "new_normal_after", fmt.Sprintf("at least the window (%v)", length), t.NewNormal)
}
