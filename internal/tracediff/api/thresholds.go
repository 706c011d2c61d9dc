package api

import (
	"fmt"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// thresholds say what a change is. On the way in, what is null is left to the defaults.
type thresholds struct {
	FDR                *float64 `json:"fdr"`
	MinLatencyRatio    *float64 `json:"minLatencyRatio"`
	MinErrorDelta      *float64 `json:"minErrorDelta"`
	MinCallRatio       *float64 `json:"minCallRatio"`
	Persist            *int     `json:"persist"`
	FalseAlertsPerWeek *float64 `json:"falseAlertsPerWeek"`
	NewNormalAfter     *string  `json:"newNormalAfter"` // "24h0m0s"
}

// apply returns what is wrong.
func (t *thresholds) apply(to *compare.Thresholds) (wrong []string) {
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
	if t.NewNormalAfter != nil {
		var err error
		if to.NewNormal, err = time.ParseDuration(*t.NewNormalAfter); err != nil {
			wrong = append(wrong, fmt.Sprintf("thresholds::newNormalAfter: must be a duration such as 24h, got %q", *t.NewNormalAfter))
		}
	}
	return wrong
}

func thresholdsOf(t *compare.Thresholds) *thresholds {
	after := t.NewNormal.String()
	return &thresholds{&t.FDR, &t.MinLatencyRatio, &t.MinErrorDelta, &t.MinCallRatio, &t.Persist, &t.FalseAlerts, &after}
}

// promise is what a query promises of its alerts.
type promise struct {
	FalseAlertsPerWeek float64 `json:"falseAlertsPerWeek"` // at most, in the mean over weeks in which nothing changes
	Level              float64 `json:"level"`              // p up to which a window confirms a change under one baseline, so that this holds
	Text               string  `json:"text"`
}

func promiseOf(q *store.Query) *promise {
	n := q.Thresholds.FalseAlerts
	return &promise{
		FalseAlertsPerWeek: n,
		Level:              compare.NewRules(q.Thresholds, q.Window, 0, len(q.Baselines)).Level,
		Text:               fmt.Sprintf("false alerts a week: at most %v in the mean, over all windows and baselines of the query", n),
	}
}
