package watch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Shares are as short as they can be without being taken for nothing or for all.
func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0 %", 1: "100 %", 0.5: "50 %", 0.9999: "99.99 %", 0.99: "99 %", 0.995: "99.5 %", 0.999958: "99.996 %", 0.00004: "0.004 %", 0.217: "22 %", 1e-12: "0.000000 %",
	} {
		assert.Equal(t, want, percent(share), share)
	}
}

func TestPortion(t *testing.T) {
	for want, of := range map[string][2]uint64{
		"all traces": {3, 3}, "1 of 1 trace": {1, 1}, "3 of 1,200 traces": {3, 1200}, "20 % of the traces": {240, 1200}, "1.2 % of the traces": {14, 1200},
		"nearly all traces": {1199, 1200}, "7 of 100,000 traces": {7, 100_000},
	} {
		assert.Equal(t, want, portion(of[0], of[1]))
	}
}

// A time of another day has its date.
func TestClockTime(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	assert.Equal(t, "02:59:01 UTC", clockTime(now.Add(-59*time.Second), now))
	assert.Equal(t, "28 November 23:00:00 UTC", clockTime(now.Add(-4*time.Hour), now))
	assert.Equal(t, "29 November 03:00:00 UTC", clockTime(now.AddDate(-1, 0, 0), now))
}
