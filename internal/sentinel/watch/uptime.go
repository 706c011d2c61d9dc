package watch

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Uptime is how the verdict was over a time.
type Uptime struct {
	Hours int // that are counted, the present one included
	Tally
	Bars []Bar // the same in equal parts, the oldest first
}

// Bar is a part of an Uptime.
type Bar struct {
	From, To time.Time
	Tally
}

// Tally is for how long the verdict was what.
type Tally struct {
	Seconds   map[State]float64
	Planned   map[State]float64 // of Seconds: maintenance was planned
	Unwatched float64           // seconds since the first verdict of all in which the sentinel did not run
}

// bars is in how many parts a number of hours is shown.
func bars(hours int) int {
	switch {
	case hours <= 24:
		return hours
	case hours <= 7*24:
		return hours / 6
	}
	return hours / 24
}

// uptime sums up the last hours.
func (h *history) uptime(now time.Time, hours int) Uptime {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := hourOf(now)
	out := Uptime{Hours: hours, Tally: h.tally(last-int64(hours)+1, last, now)}
	each := int64(hours / bars(hours))
	for from := last - int64(hours) + 1; from <= last; from += each {
		out.Bars = append(out.Bars, Bar{
			From: time.Unix(from*3600, 0).UTC(), To: time.Unix((from+each)*3600, 0).UTC(), Tally: h.tally(from, from+each-1, now),
		})
	}
	return out
}

// tally sums up hours. The lock is held.
func (h *history) tally(first, last int64, now time.Time) Tally {
	t := Tally{Seconds: map[State]float64{}, Planned: map[State]float64{}}
	for _, s := range []State{OK, Starting, Degraded, Unknown} {
		t.Seconds[s], t.Planned[s] = 0, 0
	}
	for number := first; number <= last; number++ {
		for state, ms := range h.past.Hours[number] {
			t.Seconds[state] += float64(ms) / 1000
		}
		for state, ms := range h.past.Planned[number] {
			t.Planned[state] += float64(ms) / 1000
		}
	}
	begin, end := time.Unix(first*3600, 0), time.Unix((last+1)*3600, 0)
	if h.past.Since.After(begin) {
		begin = h.past.Since
	}
	if now.Before(end) {
		end = now
	}
	if passed := end.Sub(begin).Seconds(); !h.past.Since.IsZero() && passed > t.total() {
		t.Unwatched = passed - t.total()
	}
	return t
}

// total is how long was watched, in seconds.
func (t *Tally) total() (seconds float64) {
	for _, s := range t.Seconds {
		seconds += s
	}
	return seconds
}

// maintenance is for how long it was planned, in seconds.
func (t *Tally) maintenance() (seconds float64) {
	for _, s := range t.Planned {
		seconds += s
	}
	return seconds
}

// judged is for how long there was a verdict, in seconds.
func (t *Tally) judged() float64 { return t.Seconds[OK] + t.Seconds[Degraded] + t.Seconds[Unknown] }

// share is which part of the time with a verdict had one verdict; NaN where there was none.
func (t *Tally) share(s State) float64 {
	if t.judged() == 0 {
		return math.NaN()
	}
	return t.Seconds[s] / t.judged()
}

// adjusted is the share of OK in the time for which no maintenance was planned; NaN where there was none.
func (t *Tally) adjusted() float64 {
	judged := t.judged() - t.Planned[OK] - t.Planned[Degraded] - t.Planned[Unknown]
	if judged <= 0 {
		return math.NaN()
	}
	return (t.Seconds[OK] - t.Planned[OK]) / judged
}

// watched says how the verdict was over a day and a month, as far as there is more to say of the month.
func (h *history) watched(now time.Time) string {
	day, month := h.uptime(now, 24), h.uptime(now, 30*24)
	text := day.say("24 hours")
	if month.total() > day.total() {
		text += " " + month.say("30 days")
	}
	return text
}

// say says how the verdict was in the time that was watched, starting left aside, and how much that is.
func (u *Uptime) say(period string) string {
	if u.judged() == 0 {
		return "In the last " + period + " there was no verdict before."
	}
	parts := []string{"ok for " + percent(u.share(OK))}
	for _, s := range []State{Degraded, Unknown} {
		if u.Seconds[s] > 0 {
			parts = append(parts, string(s)+" for "+percent(u.share(s)))
		}
	}
	text := "Last " + period + ": " + strings.Join(parts, ", ")
	if hours := float64(u.Hours-1) * 3600; u.total() < hours {
		text += fmt.Sprintf(" of the %v that were watched", time.Duration(u.total()*float64(time.Second)).Round(time.Second))
	}
	return text + "."
}
