package replay

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A stop ends the pacing at once, lets requests under way finish, and counts what was not sent.
func TestInterrupt(t *testing.T) {
	path := writeFile(t, jsonLines(t, everySecond(100)))
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		cfg := config(path)
		cfg.Speed = 1
		start := time.Now()
		sum, err := run(ctx, cfg, Target{}, &script{delay: 800 * time.Millisecond})
		require.NoError(t, err)
		assert.True(t, sum.Interrupted)
		assert.Equal(t, int64(3), sum.Accepted, "those of 0, 1 and 2 s; the last was under way at the stop")
		assert.Equal(t, sum.Spans, sum.Accepted+sum.Refused+sum.Unsent)
		assert.Equal(t, 2800*time.Millisecond, time.Since(start))
	})
}

// A receiver that does not answer cannot hold up a stop for longer than the grace.
func TestInterruptOfASilentReceiver(t *testing.T) {
	path := writeFile(t, jsonLines(t, everySecond(3)))
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		sum, err := run(ctx, config(path), Target{}, &script{delay: time.Hour})
		require.NoError(t, err)
		assert.True(t, sum.Interrupted)
		assert.Zero(t, sum.Accepted)
		assert.Equal(t, sum.Spans, sum.Unsent)
		assert.Equal(t, time.Second+stopGrace, time.Since(start))
	})
}

// Standard input that says nothing cannot hold up a stop either.
func TestInterruptOfASilentPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		cfg := config("-")
		cfg.Stdin = &silent{until: ctx.Done(), rest: 5 * time.Second}
		start := time.Now()
		sum, err := run(ctx, cfg, Target{}, &script{})
		require.NoError(t, err)
		assert.True(t, sum.Interrupted)
		assert.Equal(t, time.Second+abandonAfter, time.Since(start))
		sleep(context.Background(), 10*time.Second) // of the bubble's clock, until the pipe ends
	})
}

// silent is a pipe without data that ends some time after a stop.
type silent struct {
	until <-chan struct{}
	rest  time.Duration
}

func (s *silent) Read([]byte) (int, error) {
	<-s.until
	sleep(context.Background(), s.rest)
	return 0, io.EOF
}
