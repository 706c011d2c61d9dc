package watch

import (
	"maps"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

const (
	keptHours       = 90 * 24
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
	Planned     map[int64]map[State]int `json:"planned"`     // of these, those for which maintenance was planned
}

// Transition is a change of the verdict.
type Transition struct {
	At    time.Time `json:"at"`
	State State     `json:"state"`
}

func newHistory() *history {
	return &history{past: past{Hours: map[int64]map[State]int{}, Planned: map[int64]map[State]int{}}}
}

// add counts the time since the last call for a state; planned says whether maintenance was.
func (h *history) add(now verify.Instant, state State, planned bool) {
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
	if !h.last.Wall.IsZero() {
		ms := int(min(now.Mono-h.last.Mono, stale).Milliseconds()) // a longer pause was not watched
		count(h.past.Hours, hourOf(now.Wall), state, ms)
		if planned {
			count(h.past.Planned, hourOf(now.Wall), state, ms)
		}
	}
	h.last = now
}

// count adds to an hour, and forgets those that are too old when a new one begins.
func count(hours map[int64]map[State]int, number int64, state State, ms int) {
	hour := hours[number]
	if hour == nil {
		hour = map[State]int{}
		hours[number] = hour
		maps.DeleteFunc(hours, func(old int64, _ map[State]int) bool { return old <= number-keptHours })
	}
	hour[state] += ms
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// transitions returns the changes, oldest first.
func (h *history) transitions() (time.Time, []Transition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.past.Since, append([]Transition{}, h.past.Transitions...)
}
