package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDue(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name     string
		pace     pacer
		arrivals []time.Duration
		want     []time.Duration // since the first sending
	}{
		{"real time", pacer{speed: 1}, []time.Duration{0, s, 3 * s}, []time.Duration{0, s, 3 * s}},
		{"ten times", pacer{speed: 10}, []time.Duration{0, s, 30 * s}, []time.Duration{0, s / 10, 3 * s}},
		{"half", pacer{speed: 0.5}, []time.Duration{0, s}, []time.Duration{0, 2 * s}},
		{"out of order", pacer{speed: 1}, []time.Duration{5 * s, 3 * s, 6 * s}, []time.Duration{0, -2 * s, s}},
		{"max", pacer{}, []time.Duration{0, s, 30 * s}, []time.Duration{0, 0, 0}},
		{"gaps cut", pacer{speed: 1, maxGap: 2 * s}, []time.Duration{0, s, 101 * s, 102 * s, 200 * s}, []time.Duration{0, s, 3 * s, 4 * s, 6 * s}},
		{"gaps cut, out of order", pacer{speed: 1, maxGap: 2 * s}, []time.Duration{0, 10 * s, 9 * s, 11 * s}, []time.Duration{0, 2 * s, s, 3 * s}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Unix(5, 0)
			for i, a := range tt.arrivals {
				assert.Equal(t, tt.want[i], tt.pace.due(uint64(at(a)), now).Sub(now), "batch %d", i)
			}
		})
	}
}

func TestDueWithoutOrWithWildTimes(t *testing.T) {
	now := time.Unix(5, 0)
	p := pacer{speed: 1}
	assert.Equal(t, now, p.due(0, now))
	assert.Equal(t, now, p.due(uint64(at(0)), now), "a batch without a time does not begin the recording")
	assert.Equal(t, now, p.due(0, now))
	p.speed = 1e-9
	assert.True(t, p.due(uint64(at(time.Hour)), now).After(now.AddDate(10, 0, 0)))
	assert.False(t, p.due(1, now).After(now))
}
