package slo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Parts add up to the whole, each with its own quantiles, and leave the window one by one.
func TestDelayParts(t *testing.T) {
	d := NewDelays(time.Hour)
	const began = 500_000 * time.Hour
	for minute := range 50 {
		for range 10 {
			delay := 100 * time.Millisecond
			if minute >= 30 {
				delay = 10 * time.Second
			}
			d.Add(began+time.Duration(minute)*time.Minute, &verify.Judgement{Verdict: verify.Delivered, Delay: delay})
		}
	}
	r := d.Report(began + 50*time.Minute)
	require.Len(t, r.Parts, 10)
	var all uint64
	for i, p := range r.Parts {
		all += p.Traces
		assert.Equal(t, 5*time.Minute, p.To-p.From)
		assert.Equal(t, began+time.Duration(i)*5*time.Minute, p.From)
		if i < 6 {
			assert.InEpsilon(t, 0.1, p.P99, 0.06)
		} else {
			assert.InEpsilon(t, 10, p.P50, 0.06)
		}
	}
	assert.EqualValues(t, 500, all)
	assert.Equal(t, all, r.Traces)
	assert.InEpsilon(t, 0.1, r.P50, 0.06)
	assert.InEpsilon(t, 10, r.P99, 0.06)

	later := d.Report(began + 80*time.Minute)
	require.Len(t, later.Parts, 5)
	assert.Nil(t, d.Report(began+2*time.Hour))
	assert.Nil(t, NewDelays(time.Hour).Report(0), "before anything")
}
