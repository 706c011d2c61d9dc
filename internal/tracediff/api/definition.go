package api

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// definitionOf is the query that a request defines. What it says nothing about is left to the defaults. wrong is what is known to be wrong with it.
func definitionOf(d *wire.NewQuery, standard compare.Thresholds, wrong []string) (store.Query, error) {
	duration := func(name string, seconds *float64) time.Duration {
		if seconds == nil {
			return 0
		}
		v, ok := durationOf(*seconds)
		if !ok || v == 0 { // of which the defaults are made
			wrong = append(wrong, fmt.Sprintf("%s: must be a number of seconds, more than 0, got %v", name, *seconds))
		}
		return v
	}
	q := store.Query{
		Text: d.Query, Name: d.Name, GroupBy: d.GroupByKeys, Scope: string(d.Scope), Alerts: d.Alerts, Thresholds: standard,
		Window: duration("window_seconds", d.WindowSeconds), Lateness: duration("lateness_seconds", d.LatenessSeconds),
	}
	switch at := d.CreatedAt; {
	case at == nil:
	case at.Unix() < 0 || at.Unix() > latest:
		wrong = append(wrong, "created_at: must be a time since 1970, got "+at.Format(time.RFC3339))
	case at.Unix() > 0:
		q.CreatedAt = at.UTC().Truncate(time.Second)
	}
	for _, b := range d.Baselines {
		q.Baselines = append(q.Baselines, baseline.From(b))
	}
	if d.Thresholds != nil {
		wrong = append(wrong, apply(d.Thresholds, &q.Thresholds)...)
	}
	if len(wrong) > 0 {
		return q, console.Bad(strings.Join(wrong, "; "))
	}
	return q, nil
}

// durationOf is a duration in seconds; ok is false where it is negative or longer than any.
func durationOf(seconds float64) (d time.Duration, ok bool) {
	if !(seconds >= 0) || seconds > math.MaxInt64/1e10 {
		return 0, false
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), true
}

// apply takes over the thresholds that a request names, and returns what is wrong with them.
func apply(t *wire.NewThresholds, to *compare.Thresholds) (wrong []string) {
	for from, into := range map[*float64]*float64{
		t.FDR: &to.FDR, t.MinLatencyRatio: &to.MinLatencyRatio, t.MinErrorDelta: &to.MinErrorDelta, t.MinCallRatio: &to.MinCallRatio,
		t.FalseAlertsPerWeek: &to.FalseAlerts,
	} {
		if from != nil {
			*into = *from
		}
	}
	if t.Persist != nil {
		to.Persist = *t.Persist
	}
	if after := t.NewNormalAfterSeconds; after != nil {
		var ok bool
		if to.NewNormal, ok = durationOf(*after); !ok {
			wrong = append(wrong, fmt.Sprintf("thresholds::new_normal_after_seconds: must be a number of seconds, got %v", *after))
		}
	}
	return wrong
}

// queryOf is a query as it is answered.
func queryOf(q *store.Query) wire.Query {
	w := wire.Query{
		ID: q.ID, Query: q.Text, Name: q.Name, Source: wire.QuerySource(q.Source), Scope: wire.Scope(q.Scope), CreatedAt: q.CreatedAt.UTC(),
		ChangedAt: wire.Moment(q.ChangedAt), GroupByKeys: append([]string{}, q.GroupBy...), WindowSeconds: q.Window.Seconds(),
		LatenessSeconds: q.Lateness.Seconds(), Baselines: []wire.Baseline{}, Thresholds: report.ThresholdsOf(&q.Thresholds), Promise: promiseOf(q),
		Alerts: append([]string{}, q.Alerts...),
	}
	for _, b := range q.Baselines {
		w.Baselines = append(w.Baselines, b.Value())
	}
	return w
}

func promiseOf(q *store.Query) wire.Promise {
	n := q.Thresholds.FalseAlerts
	return wire.Promise{
		FalseAlertsPerWeek: n,
		Level:              compare.NewRules(q.Thresholds, q.Window, 0, len(q.Baselines)).Level,
		Text:               fmt.Sprintf("false alerts a week: at most %v in the mean, over all windows and baselines of the query", n),
	}
}

// wireNames are the names in JSON of keys of the configuration, where they differ.
var wireNames = strings.NewReplacer(
	"group_by", "group_by_keys", "window", "window_seconds", "lateness", "lateness_seconds", "new_normal_after", "new_normal_after_seconds",
)

// describe says what is wrong with a definition in the words of the API.
func describe(wrong tracediff.InvalidError) string {
	lines := make([]string, len(wrong))
	for i, p := range wrong {
		lines[i] = wireNames.Replace(p.Key) + ": " + p.Message
	}
	return strings.Join(lines, "; ")
}
