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

	// reached tells whether a receiver ever answered. Before, an error of the connection is not worth a retry: nothing
	// listens there, and the user wants to know at once.
	reached func() bool
}

// result is what became of a request.
type result struct {
	answer
	retries int64
	// interrupted tells that the replay was stopped while the request waited for a retry or for its answer.
	interrupted bool
}

// do sends body. wait ends the waiting between attempts, send the attempts themselves.
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
		if !res.retryable || r.retryFor == 0 || res.unreached && !r.reached() {
			return res
		}
		pause := res.retryAfter
		if pause == 0 {
			// A fifth up or down, so that workers which failed together do not come back together.
			pause = time.Duration(float64(backoff) * (0.8 + 0.4*r.rand.Float64()))
			backoff = min(2*backoff, maxBackoff)
		}
		if left := time.Until(deadline); pause > left {
			res.err = gaveUp(res.err, res.retryAfter, left, r.retryFor)
			return res
		}
		if !sleep(wait, pause) {
			res.interrupted = true
			return res
		}
		res.retries++
	}
}

func gaveUp(err error, asked, left, retryFor time.Duration) error {
	if asked > 0 {
		return fmt.Errorf("%w (asks to wait %v, of --retry-for %v are %v left)", err, asked, retryFor, left.Round(time.Second))
	}
	return fmt.Errorf("%w (tried again for %v)", err, retryFor)
}
