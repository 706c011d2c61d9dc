package replay

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errBusy = errors.New("busy")

func retrierFor(c client, retryFor time.Duration, reached bool) *retrier {
	return &retrier{client: c, retryFor: retryFor, rand: rand.New(rand.NewPCG(1, 1)), reached: func() bool { return reached }}
}

func TestRetryWaits(t *testing.T) {
	busy := answer{err: errBusy, retryable: true}
	after := func(d time.Duration) answer { return answer{err: errBusy, retryable: true, retryAfter: d} }
	const ms = time.Millisecond
	tests := []struct {
		name     string
		answers  []answer
		retryFor time.Duration
		reached  bool
		waits    [][2]time.Duration // between attempts: at least, at most
		err      string
	}{
		{"accepted at once", nil, time.Minute, true, nil, ""},
		{
			"backoff doubles, give or take a fifth",
			[]answer{busy, busy, busy},
			time.Minute, true,
			[][2]time.Duration{{160 * ms, 240 * ms}, {320 * ms, 480 * ms}, {640 * ms, 960 * ms}},
			"",
		},
		{"waits as long as asked", []answer{after(7 * time.Second)}, time.Minute, true, [][2]time.Duration{{7 * time.Second, 7 * time.Second}}, ""},
		{"asked to wait too long", []answer{after(time.Hour)}, time.Minute, true, nil, "busy (asks to wait 1h0m0s, of --retry-for 1m0s are 1m0s left)"},
		{"never", []answer{busy}, 0, true, nil, "busy"},
		{"refused for good", []answer{{err: errBusy}}, time.Minute, true, nil, "busy"},
		{"nothing listens, at first", []answer{{err: errBusy, retryable: true, unreached: true}}, time.Minute, false, nil, "busy"},
		{
			"connection lost later",
			[]answer{{err: errBusy, retryable: true, unreached: true}},
			time.Minute, true,
			[][2]time.Duration{{160 * ms, 240 * ms}},
			"",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &script{answers: tt.answers}
				res := retrierFor(c, tt.retryFor, tt.reached).do(t.Context(), t.Context(), []byte("x"))
				if tt.err == "" {
					require.NoError(t, res.err)
				} else {
					require.EqualError(t, res.err, tt.err)
				}
				assert.Len(t, c.sent, len(tt.waits)+1)
				assert.Equal(t, int64(len(tt.waits)), res.retries)
				for i, w := range tt.waits {
					wait := c.sent[i+1].at.Sub(c.sent[i].at)
					assert.GreaterOrEqual(t, wait, w[0])
					assert.LessOrEqual(t, wait, w[1])
				}
			})
		})
	}
}

// A receiver that is always busy is given up after the time for it, not before half of it and never later.
func TestRetryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := make([]answer, 1000)
		for i := range busy {
			busy[i] = answer{err: errBusy, retryable: true}
		}
		start := time.Now()
		res := retrierFor(&script{answers: busy}, 30*time.Second, true).do(t.Context(), t.Context(), nil)
		require.EqualError(t, res.err, "busy (tried again for 30s)")
		assert.LessOrEqual(t, time.Since(start), 30*time.Second)
		assert.GreaterOrEqual(t, time.Since(start), 20*time.Second)
		assert.False(t, res.interrupted)
	})
}

// A stop ends the waiting for a retry at once.
func TestRetryStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		c := &script{answers: []answer{{err: errBusy, retryable: true, retryAfter: 20 * time.Second}}}
		res := retrierFor(c, time.Minute, true).do(ctx, t.Context(), nil)
		assert.True(t, res.interrupted)
		assert.Equal(t, time.Second, time.Since(start))
	})
}
