package traceassembly

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Wherever the clock below leaps, time never goes back, and runs on at its pace once a Step has seen the leap.
func TestClockNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wall := time.Unix(1_700_000_000, 0)
		c := NewClock(func() time.Time { return wall })
		last := time.Duration(0)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			wall = wall.Add(time.Duration(rapid.Int64Range(-3600e9, 3600e9).Draw(t, "leap")))
			if rapid.Bool().Draw(t, "read") {
				require.GreaterOrEqual(t, c.Now(), last)
			}
			now := c.Step()
			require.GreaterOrEqual(t, now, last)
			wall = wall.Add(time.Second)
			require.Equal(t, now+time.Second, c.Now())
			last = c.Step()
			require.Equal(t, now+time.Second, last)
			require.Equal(t, wall, c.Wall())
		}
	})
}

// Readers that race with each other do not make time run faster: only Step makes up for a leap.
func TestReadersDoNotMoveTheClock(t *testing.T) {
	c := NewClock(time.Now)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 10_000 {
				c.Now()
			}
		})
	}
	readers.Wait()
	assert.Zero(t, c.leaps.Load())
	assert.LessOrEqual(t, c.Now(), time.Since(c.Began()))
}
