package tracediffexporter

import (
	"fmt"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/tracediff"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// defaults translates the section, and reports what is wrong with it.
func (c *Config) defaults(p *configerrors.List) tracediff.Defaults {
	d := tracediff.Defaults{
		Window: c.Defaults.Window, Lateness: c.Defaults.Lateness, Baselines: baselines(c.Defaults.Baselines),
		Thresholds: c.Defaults.Thresholds.over(compare.DefaultThresholds()),
	}
	wrong := tracediff.CheckDefaults(&d)
	for _, w := range wrong {
		p.Add("defaults::%w", w)
	}
	if len(wrong) > 0 {
		return tracediff.StandardDefaults() // or each query would be blamed for them
	}
	return d
}

// queries translates the section, and reports what is wrong with it.
func (c *Config) queries(p *configerrors.List, d *tracediff.Defaults) []store.Query {
	targets := c.targetNames()
	names := map[string]int{}
	list := make([]store.Query, 0, len(c.Queries))
	for i := range c.Queries {
		q, at := &c.Queries[i], fmt.Sprintf("queries::%d", i)
		if first, ok := names[q.Name]; q.Name == "" {
			p.Add("%s::name: must be set; snapshots and alerts are known by it", at)
		} else if ok {
			p.Add("%s::name: %q is taken by queries::%d", at, q.Name, first)
		} else {
			names[q.Name] = i
		}
		query := q.query(d)
		for _, w := range tracediff.Check(&query, targets) {
			p.Add("%s::%w", at, w)
		}
		list = append(list, query)
	}
	if len(c.Queries) > maxQueries {
		p.Add("queries: at most %d, got %d", maxQueries, len(c.Queries))
	}
	return list
}

const maxQueries = 100

// query is the definition in full. Zero is a value: what is set to it is checked, not replaced.
func (q *QueryConfig) query(d *tracediff.Defaults) store.Query {
	full := store.Query{
		ID: tracediff.ConfigID(q.Name), Name: q.Name, Text: q.Query, Scope: q.Scope, GroupBy: slices.Clone(q.GroupBy),
		Baselines: baselines(q.Baselines), Thresholds: q.Thresholds.over(d.Thresholds), Alerts: slices.Clone(q.Alerts),
		Source: store.FromConfig, CreatedAt: time.Unix(0, 0).UTC(),
	}
	name := full.Name
	d.Complete(&full)
	full.Name = name
	if q.Window != nil {
		full.Window = *q.Window
	}
	if q.Lateness != nil {
		full.Lateness = *q.Lateness
	}
	return full
}

// over is t where it is set, else standard.
func (t *ThresholdsConfig) over(standard compare.Thresholds) compare.Thresholds {
	set(&standard.FDR, t.FDR)
	set(&standard.MinLatencyRatio, t.MinLatencyRatio)
	set(&standard.MinErrorDelta, t.MinErrorDelta)
	set(&standard.MinCallRatio, t.MinCallRatio)
	set(&standard.Persist, t.Persist)
	set(&standard.FalseAlerts, t.FalseAlertsPerWeek)
	set(&standard.NewNormal, t.NewNormalAfter)
	return standard
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func baselines(list []any) (all []baseline.Baseline) {
	for _, b := range list {
		all = append(all, baseline.From(b))
	}
	return all
}
