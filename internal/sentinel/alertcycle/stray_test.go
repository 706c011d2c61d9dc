package alertcycle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A notification without a burst is what the servers make of it: anybody could have sent it.
func TestStrayNeedsAServer(t *testing.T) {
	for _, c := range []struct {
		name     string
		rule     func(second int) Rule // "": no answer; the notification comes in second 100
		held     func(second int) bool
		resolved int
		shown    [2]int // seconds in which it shows
		results  int
	}{
		{"made up", func(int) Rule { return RuleInactive }, func(int) bool { return false }, -1, [2]int{}, 0},
		{"made up, and over", func(int) Rule { return RuleInactive }, func(int) bool { return false }, 130, [2]int{}, 0},
		{"no such rule", func(int) Rule { return RuleAbsent }, func(int) bool { return false }, -1, [2]int{}, 0},
		{"Alertmanager has what Prometheus does not", func(int) Rule { return RuleInactive }, func(int) bool { return true }, -1, [2]int{}, 0},
		{"nobody answers", func(int) Rule { return "" }, nil, 150, [2]int{}, 0},
		{"the rule fires, and clears", firing(80, 140), func(int) bool { return true }, -1, [2]int{100, 135}, 1},
		{"the rule fires until it is told to be over", firing(80, 900), func(int) bool { return true }, 150, [2]int{100, 145}, 1},
		{"over when it is told", firing(80, 95), func(int) bool { return true }, -1, [2]int{100, 100}, 1},
		{"long over when it is told", firing(0, 10), func(int) bool { return true }, -1, [2]int{}, 0},
		{"Alertmanager alone can be asked", func(int) Rule { return "" }, func(s int) bool { return s < 120 }, -1, [2]int{100, 115}, 1},
		{"until the next burst", firing(80, 900), func(int) bool { return true }, -1, [2]int{100, 595}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := NewWatch(Schedule{Every: 900 * time.Second, For: 300 * time.Second}, intervals, "", zero.Truncate(900*time.Second))
			next := w.Current(zero).Burst.Start
			start := next.Add(-600 * time.Second)
			w.current = New(Burst{Start: next, End: next.Add(300 * time.Second)}, intervals.Deadlines(), "")
			var shown [2]int
			var results []Result
			for s := 0; s <= 600; s += 5 {
				now := start.Add(time.Duration(s) * time.Second)
				if s == 100 || s == c.resolved {
					w.Notified(now.Add(-time.Second), s == 100)
					if w.Stray() != nil && w.Stray().Cleared < 0 && shown[0] == 0 {
						shown = [2]int{s, s}
					}
				}
				if r := c.rule(s); r != "" {
					w.SawRule(now, r)
				} else {
					w.PrometheusFailed(now)
				}
				if c.held != nil {
					w.SawHeld(now, Held{Present: c.held(s)})
				} else {
					w.AlertmanagerFailed(now)
				}
				results = append(results, w.Advance(now)...)
				if w.Stray() != nil {
					if shown[0] == 0 {
						shown[0] = s
					}
					shown[1] = s
				}
			}
			assert.Equal(t, c.shown, shown)
			assert.Len(t, results, c.results)
			for _, r := range results {
				assert.Equal(t, Spurious, r.Outcome)
				assert.Positive(t, r.Cleared)
			}
			assert.Nil(t, w.stray)
		})
	}
}

// firing is a rule that fires from one second to another.
func firing(from, to int) func(int) Rule {
	return func(s int) Rule {
		if s >= from && s < to {
			return RuleFiring
		}
		return RuleInactive
	}
}
