package replay

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	errBusy        = errors.New("busy")
	errUnknownHost = errors.New("lookup collector: no such host")
)

func retrierFor(c client, retryFor time.Duration, reached bool) *retrier {
	return &retrier{
		client: c, retryFor: retryFor, rand: rand.New(rand.NewPCG(1, 1)), reached: func() bool { return reached }, absent: func(error) {},
	}
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
		{"asked to wait too long, and back before", []answer{after(time.Hour)}, time.Minute, true, [][2]time.Duration{{time.Minute, time.Minute}}, ""},
		{
			"asked to wait too long",
			[]answer{after(time.Hour), after(time.Hour)},
			time.Minute, true,
			[][2]time.Duration{{time.Minute, time.Minute}},
			"busy (asks to wait 1h0m0s more; tried again for --retry-for 1m0s)",
		},
		{"never", []answer{busy}, 0, true, nil, "busy"},
		{"refused for good", []answer{{err: errBusy}}, time.Minute, true, nil, "busy"},
		{
			"nothing listens, at first",
			[]answer{{err: errBusy, retryable: true, unreached: true}},
			time.Minute, false,
			[][2]time.Duration{{160 * ms, 240 * ms}},
			"",
		},
		{"no such host, at first", []answer{{err: errUnknownHost, retryable: true, unreached: true}}, time.Minute, false, nil, errUnknownHost.Error()},
		{
			"no such host, later",
			[]answer{{err: errUnknownHost, retryable: true, unreached: true}},
			time.Minute, true,
			[][2]time.Duration{{160 * ms, 240 * ms}},
			"",
		},
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

// A receiver that is always busy is given up when the time for it is over: not earlier, and not later.
func TestRetryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := make([]answer, 1000)
		for i := range busy {
			busy[i] = answer{err: errBusy, retryable: true}
		}
		for _, retryFor := range []time.Duration{time.Millisecond, time.Second, 30 * time.Second, time.Hour} {
			start := time.Now()
			res := retrierFor(&script{answers: busy}, retryFor, true).do(t.Context(), t.Context(), nil)
			require.EqualError(t, res.err, "busy (tried again for --retry-for "+retryFor.String()+")")
			assert.Equal(t, retryFor, time.Since(start))
			assert.False(t, res.interrupted)
		}
	})
}

// However it fails, a receiver that is back before the time is over gets the batch, and no attempt begins later.
func TestRetryUntilTheEnd(t *testing.T) {
	failures := map[string]answer{
		"refused connection": {err: errors.New("connection refused"), retryable: true, unreached: true},
		"unavailable":        {err: errors.New("gRPC Unavailable"), retryable: true},
		"Retry-After":        {err: errors.New("HTTP 503"), retryable: true, retryAfter: 7 * time.Second},
		"long Retry-After":   {err: errors.New("HTTP 503"), retryable: true, retryAfter: time.Hour},
	}
	rapid.Check(t, func(rt *rapid.T) {
		failure := failures[rapid.SampledFrom(slices.Sorted(maps.Keys(failures))).Draw(rt, "failure")]
		retryFor := time.Duration(rapid.Int64Range(1, int64(2*time.Minute)).Draw(rt, "retryFor"))
		back := time.Duration(rapid.Int64Range(0, int64(3*time.Minute)).Draw(rt, "back"))
		takes := time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(rt, "takes"))
		reached := rapid.Bool().Draw(rt, "reached")
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			c := &absentUntil{back: start.Add(back), failure: failure, takes: takes}
			res := retrierFor(c, retryFor, reached).do(t.Context(), t.Context(), nil)
			if res.err == nil {
				assert.LessOrEqual(rt, c.last.Sub(start), retryFor)
				return
			}
			require.Greater(rt, back, retryFor-takes, "it was back in time")
			assert.GreaterOrEqual(rt, time.Since(start), retryFor)
			assert.LessOrEqual(rt, c.last.Sub(start), retryFor, "an attempt began too late")
		})
	})
}

// absentUntil is a client whose receiver fails until a time. Each failure takes a while.
type absentUntil struct {
	back    time.Time
	failure answer
	takes   time.Duration
	last    time.Time // start of the last attempt
}

func (a *absentUntil) send(ctx context.Context, _ []byte) answer {
	a.last = time.Now()
	if !a.last.Before(a.back) {
		return answer{}
	}
	sleep(ctx, a.takes)
	return a.failure
}

func (*absentUntil) close() error { return nil }

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
