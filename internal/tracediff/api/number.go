package api

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/report"
)

// number is a float in JSON; what is not known is null.
type number = report.Number

// seconds is a time as the tutorial writes it; 0 where there is none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// moment is a time as the tutorial writes it; null where nobody knows it.
func moment(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	s := t.Unix()
	return &s
}
