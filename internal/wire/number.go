package wire

import (
	"time"

	"github.com/assayhq/assay/internal/jsonnumber"
)

// Number is a number that may be unknown: NaN here, null in JSON.
type Number = jsonnumber.Number

// Seconds is a duration as it is written in JSON.
func Seconds(d time.Duration) float64 { return d.Seconds() }

// Moment is a time in UTC; nil, and so null, where there is none.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Time is the time of a Moment; zero where there is none.
func Time(m *time.Time) time.Time {
	if m == nil {
		return time.Time{}
	}
	return *m
}
