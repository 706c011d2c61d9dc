// Package heartbeat tells a dead man's switch outside, again and again, that all is well, and falls silent when it is not: when
// the verdict is anything but ok, when nobody can reach a verdict, or when the process is gone.
package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Heartbeat sends a request at each interval while all is well.
type Heartbeat struct {
	// Send makes one request. See Post.
	Send func(context.Context) error
	// Well tells whether the verdict is ok now. Unknown is not.
	Well func() bool
	// Interval between two beats; a request may take as long.
	Interval time.Duration
	// Failed is told of a request that failed, Sent of one that did not. Both may be nil.
	Failed func(error)
	Sent   func()

	once sync.Once
	stop context.CancelFunc
	done chan struct{}
}

// Start begins to beat, at once if all is well.
func (h *Heartbeat) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.done = cancel, make(chan struct{})
	go func() {
		defer close(h.done)
		tick := time.NewTicker(h.Interval)
		defer tick.Stop()
		for {
			h.beat(ctx)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// Shutdown ends it, and does not wait for a server that does not answer. It may be called twice, and without Start.
func (h *Heartbeat) Shutdown() {
	h.once.Do(func() {
		if h.stop != nil {
			h.stop()
			<-h.done
		}
	})
}

func (h *Heartbeat) beat(ctx context.Context) {
	if !h.Well() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, h.Interval)
	defer cancel()
	err := h.Send(ctx)
	switch {
	case err == nil && h.Sent != nil:
		h.Sent()
	case err != nil && h.Failed != nil && !errors.Is(err, context.Canceled):
		h.Failed(err)
	}
}

// Post sends an empty POST to an address; any status of 200 to 299 is good.
func Post(client *http.Client, endpoint string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, http.NoBody)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the connection can be used again
		if resp.StatusCode < 200 || resp.StatusCode > 299 {
			return fmt.Errorf("heartbeat: %s answers with status %d", req.URL.Redacted(), resp.StatusCode)
		}
		return nil
	}
}
