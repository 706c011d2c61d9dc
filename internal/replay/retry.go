package replay

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// retrier sends a request until it is answered for good or the time for it is over. It belongs to one worker.
type retrier struct {
	client   client
	retryFor time.Duration
	rand     *rand.Rand

	// reached tells whether a receiver ever answered. Before, an error of the connection may be one of the command line.
	reached func() bool
	// absent is told of an error of the connection that is tried again although no receiver ever answered.
	absent func(error)
}

// result is what became of a request.
type result struct {
	answer
	retries int64
	// interrupted tells that the replay was stopped while the request waited for a retry or for its answer.
	interrupted bool
}

// do sends body. The last attempt begins when the time for it is over, neither earlier nor later, so that a receiver which is back
// by then gets it; also where the receiver asked for a longer pause. An attempt takes as long as the client lets it. wait ends the
// waiting between attempts, send the attempts themselves.
func (r *retrier) do(wait, send context.Context, body []byte) result {
	var res result
	deadline := time.Now().Add(r.retryFor)
	backoff := firstBackoff
	for {
		res.answer = r.client.send(send, body)
		if res.err == nil {
			return res
		}
		if send.Err() != nil {
			res.interrupted = true
			return res
		}
		if !res.retryable || r.retryFor == 0 {
			return res
		}
		if res.unreached && !r.reached() {
			if lasting(res.err) {
				return res
			}
			r.absent(res.err)
		}
		left := time.Until(deadline)
		if left <= 0 {
			res.err = gaveUp(res.err, res.retryAfter, r.retryFor)
			return res
		}
		pause := res.retryAfter
		if pause == 0 {
			// A fifth up or down, so that workers which failed together do not come back together.
			pause = time.Duration(float64(backoff) * (0.8 + 0.4*r.rand.Float64()))
			backoff = min(2*backoff, maxBackoff)
		}
		if !sleep(wait, min(pause, left)) {
			res.interrupted = true
			return res
		}
		res.retries++
	}
}

func gaveUp(err error, asked, retryFor time.Duration) error {
	if asked > 0 {
		return fmt.Errorf("%w (asks to wait %v more; tried again for --retry-for %v)", err, asked, retryFor)
	}
	return fmt.Errorf("%w (tried again for --retry-for %v)", err, retryFor)
}
