package tracediffexporter

import (
	"fmt"
	"math"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// warning is something that is valid and hardly does what it is for.
type warning struct {
	setting string // path of the key below the component
	why     string // what happens, and the way out
}

const (
	// slowest is how long a change may take to be confirmed before that is worth a warning.
	slowest = 24 * time.Hour
	// surest is a level from which on only what many traces show is confirmed.
	surest = 1e-12
)

// warnings are those of the defaults, which queries of the API have, and of the configured queries where they are other ones.
func (c *Config) warnings() []warning {
	var p configerrors.List
	defaults := c.defaults(&p)
	queries := c.queries(&p, &defaults)
	if len(p) > 0 {
		return nil // it is refused anyway
	}
	var inherited store.Query
	defaults.Complete(&inherited)
	inherited.Thresholds = defaults.Thresholds
	list := c.doubts("defaults", &inherited)
	shared := len(list)
	for i := range queries {
		for _, w := range c.doubts("", &queries[i]) {
			if !slices.ContainsFunc(list[:shared], func(o warning) bool { return o.setting == "defaults"+w.setting && o.why == w.why }) {
				w.setting = fmt.Sprintf("queries::%d%s", i, w.setting)
				list = append(list, w)
			}
		}
	}
	return list
}

// doubts are what can hardly work of a query.
func (c *Config) doubts(at string, q *store.Query) (list []warning) {
	add := func(wrong bool, key, format string, args ...any) {
		if wrong {
			list = append(list, warning{at + "::" + key, fmt.Sprintf(format, args...)})
		}
	}
	kept, t := c.Storage.Retention, &q.Thresholds
	add(q.Lateness < c.Assembly.Wait, "lateness", "traces at the end of a window are summed up after %v, before they have been quiet for assembly::wait (%v); "+
		"make it at least that long", q.Lateness, c.Assembly.Wait)
	add(q.Lateness > q.Window, "lateness", "it is longer than the window (%v): %d windows are open at a time, and each diff is %v late; make windows longer or it shorter",
		q.Window, 1+int(math.Ceil(float64(q.Lateness)/float64(q.Window))), q.Lateness)
	moves := false
	for i, b := range q.Baselines {
		lag := b.Lag(q.Window)
		moves = moves || lag != baseline.Unreached
		add(b.Kind() == baseline.Earlier && lag+q.Lateness > kept, fmt.Sprintf("baselines::%d", i),
			"windows of %v ago are removed after %v, so that there is nothing to compare with; raise storage::retention", lag, kept)
	}
	persists := time.Duration(t.Persist) * q.Window
	add(persists+q.Lateness > kept, "thresholds::persist",
		"the window before a change is removed after %v, before it can be confirmed after %v; raise storage::retention", kept, persists+q.Lateness)
	add(persists > slowest, "thresholds::persist", "no change is confirmed before %d windows, %v, have flagged it; make windows shorter or it smaller", t.Persist, persists)
	add(moves && t.NewNormal > kept, "thresholds::new_normal_after",
		"the windows before a change are removed after %v; whether it lasts is not known from then on until %v; raise storage::retention or lower it", kept, t.NewNormal)
	if level := compare.NewRules(*t, q.Window, 0, len(q.Baselines)).Level; level < surest {
		add(true, "thresholds::false_alerts_per_week", "with %.0f comparisons a week a change is confirmed at p = %.2g or less: what is new has to be seen in some %.0f traces "+
			"at least, and other changes must be as plain; raise it or make windows longer", t.FalseAlerts/level, level, tracesFor(level))
	}
	return list
}

// tracesFor is how many traces it takes until something new is as unlikely as a level, if a window is compared with the four before it: the
// exact test gives each of them a probability of one fifth.
func tracesFor(level float64) float64 { return math.Ceil(math.Log(2/level) / math.Log(5)) }

// warn logs them.
func (e *tracesExporter) warn() {
	for _, w := range e.config.warnings() {
		e.settings.Logger.Warn("A setting is valid, and hardly works", zap.String("setting", w.setting), zap.String("why", w.why))
	}
}
