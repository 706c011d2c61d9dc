package httpquery

import (
	"bytes"
	"context"
	"io"
	"sync"
)

const (
	// small is the size of an answer that is read whenever it comes: some 3,000 spans.
	small = 1 << 20
	// largeAtOnce is how many larger ones a process reads and decodes at a time, whoever asked for them: eight lookups of several
	// backends at a time must not take memory for as many of maxBody.
	largeAtOnce = 2
)

// large holds as many as are being read or decoded.
var large = make(chan struct{}, largeAtOnce)

// Turn is the leave to hold a large answer, taken when one turns out to be large. It may be used by several goroutines.
type Turn struct {
	mu    sync.Mutex // guards everything below, also while another's turn ends
	taken bool
}

type turnKey struct{}

// WithTurn returns a context under which all requests share one turn, so that what was decoded from an answer counts as long
// as it is in use. End the turn then.
func WithTurn(ctx context.Context) (context.Context, *Turn) {
	t := &Turn{}
	return context.WithValue(ctx, turnKey{}, t), t
}

// take waits for a turn, unless it is there already.
func (t *Turn) take(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken {
		return nil
	}
	select {
	case large <- struct{}{}:
		t.taken = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End lets others have their turn. It may be called twice, and for no turn.
func (t *Turn) End() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken {
		t.taken = false
		<-large
	}
}

// read reads an answer up to maxBody, and one byte more where it is longer.
func read(ctx context.Context, from io.Reader) ([]byte, error) {
	var body bytes.Buffer
	if _, err := io.CopyN(&body, from, small+1); err != nil {
		if err == io.EOF { //nolint:errorlint // CopyN returns it bare; a wrapped one is an answer that breaks off
			err = nil
		}
		return body.Bytes(), err
	}
	turn, shared := ctx.Value(turnKey{}).(*Turn)
	if !shared {
		turn = &Turn{}
		defer turn.End()
	}
	if err := turn.take(ctx); err != nil {
		return nil, err
	}
	_, err := io.Copy(&body, io.LimitReader(from, maxBody-small))
	return body.Bytes(), err
}
