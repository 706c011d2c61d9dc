package replay

import (
	"context"
	"time"
)

const (
	// aheadBatches is how far parsing may be ahead of sending.
	aheadBatches = 4

	// abandonAfter is how long a stopped replay waits for a read that does not return: standard input may never.
	abandonAfter = time.Second
)

// aheadReader reads a source in a goroutine of its own: parsing overlaps with sending, and a read that hangs does not
// hang the replay.
type aheadReader struct {
	items chan aheadItem
	quit  chan struct{}
	ended chan error // what close returned; buffered
}

type aheadItem struct {
	batch *wireBatch
	err   error
}

// readAhead starts to read src and closes it at the end.
func readAhead(src source) *aheadReader {
	a := &aheadReader{items: make(chan aheadItem, aheadBatches), quit: make(chan struct{}), ended: make(chan error, 1)}
	go func() {
		defer func() { a.ended <- src.close() }()
		for {
			b, err := src.next()
			select {
			case a.items <- aheadItem{b, err}:
			case <-a.quit:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

// next returns the next batch, or the source's error, or that of ctx.
func (a *aheadReader) next(ctx context.Context) (*wireBatch, error) {
	select {
	case item := <-a.items:
		return item.batch, item.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// close ends the reading. Once stopped is closed it does not wait long.
func (a *aheadReader) close(stopped <-chan struct{}) error {
	close(a.quit)
	select {
	case err := <-a.ended:
		return err
	case <-stopped:
	}
	timer := time.NewTimer(abandonAfter)
	defer timer.Stop()
	select {
	case err := <-a.ended:
		return err
	case <-timer.C:
		return nil
	}
}
