package watch

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

const (
	keptHours       = 30 * 24
	keptTransitions = 500
)

// history is how the verdict has been.
type history struct {
	mu   sync.Mutex // guards everything below
	last verify.Instant
	past past
}

// past is what of it is kept in memory and on disk.
type past struct {
	Since       time.Time               `json:"since"`       // the first verdict of all
	Transitions []Transition            `json:"transitions"` // oldest first
	Hours       map[int64]map[State]int `json:"hours"`       // milliseconds in each state, by hours since the Unix epoch
}

// Transition is a change of the verdict.
type Transition struct {
	At    time.Time `json:"at"`
	State State     `json:"state"`
}

func newHistory() *history { return &history{past: past{Hours: map[int64]map[State]int{}}} }

// add counts the time since the last call for a state.
func (h *history) add(now verify.Instant, state State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.past.Since.IsZero() {
		h.past.Since = now.Wall
	}
	if n := len(h.past.Transitions); h.last.Wall.IsZero() || n == 0 || h.past.Transitions[n-1].State != state {
		h.past.Transitions = append(h.past.Transitions, Transition{now.Wall, state})
		if over := len(h.past.Transitions) - keptTransitions; over > 0 {
			h.past.Transitions = append([]Transition(nil), h.past.Transitions[over:]...)
		}
	}
	number := hourOf(now.Wall)
	if !h.last.Wall.IsZero() {
		hour := h.past.Hours[number]
		if hour == nil {
			hour = map[State]int{}
			h.past.Hours[number] = hour
			for old := range h.past.Hours {
				if old <= number-keptHours {
					delete(h.past.Hours, old)
				}
			}
		}
		hour[state] += int(min(now.Mono-h.last.Mono, stale).Milliseconds()) // a longer pause was not watched
	}
	h.last = now
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// Uptime is how the verdict was over a time.
type Uptime struct {
	Hours      int // that are counted, the present one included
	Seconds    map[State]float64
	Unwatched  float64 // since the first verdict of all: the sentinel did not run
	Share      float64 // of the time that was watched, starting left aside; 0 where there was none
	Unknowable float64
}

// uptime sums up the last hours.
func (h *history) uptime(now time.Time, hours int) Uptime {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := Uptime{Hours: hours, Seconds: map[State]float64{OK: 0, Starting: 0, Degraded: 0, Unknown: 0}}
	first := hourOf(now) - int64(hours) + 1
	watched := 0.0
	for number, states := range h.past.Hours {
		if number < first {
			continue
		}
		for state, ms := range states {
			out.Seconds[state] += float64(ms) / 1000
			watched += float64(ms) / 1000
		}
	}
	begin := time.Unix(first*3600, 0)
	if h.past.Since.After(begin) {
		begin = h.past.Since
	}
	if passed := now.Sub(begin).Seconds(); passed > watched {
		out.Unwatched = passed - watched
	}
	if judged := out.judged(); judged > 0 {
		out.Share, out.Unknowable = out.Seconds[OK]/judged, out.Seconds[Unknown]/judged
	}
	return out
}

// watched says how the verdict was over a day and a month, as far as there is more to say of the month.
func (h *history) watched(now time.Time) string {
	day, month := h.uptime(now, 24), h.uptime(now, keptHours)
	text := day.say("24 hours")
	if month.total() > day.total() {
		text += " " + month.say("30 days")
	}
	return text
}

// total is how long was watched, in seconds.
func (u *Uptime) total() (seconds float64) {
	for _, s := range u.Seconds {
		seconds += s
	}
	return seconds
}

// judged is for how long there was a verdict, in seconds.
func (u *Uptime) judged() float64 { return u.Seconds[OK] + u.Seconds[Degraded] + u.Seconds[Unknown] }

// say says how the verdict was in the time that was watched, starting left aside, and how much that is.
func (u *Uptime) say(period string) string {
	judged := u.judged()
	if judged == 0 {
		return "In the last " + period + " there was no verdict before."
	}
	parts := []string{"ok for " + percent(u.Share)}
	for _, s := range []State{Degraded, Unknown} {
		if u.Seconds[s] > 0 {
			parts = append(parts, string(s)+" for "+percent(u.Seconds[s]/judged))
		}
	}
	text := "Last " + period + ": " + strings.Join(parts, ", ")
	if hours := float64(u.Hours-1) * 3600; u.total() < hours {
		text += fmt.Sprintf(" of the %v that were watched", time.Duration(u.total()*float64(time.Second)).Round(time.Second))
	}
	return text + "."
}

// transitions returns the changes, oldest first.
func (h *history) transitions() (time.Time, []Transition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.past.Since, append([]Transition{}, h.past.Transitions...)
}
