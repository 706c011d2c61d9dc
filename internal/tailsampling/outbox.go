package tailsampling

import (
	"sync"

	"github.com/assayhq/assay/internal/tracesketch"
)

// parcel is a kept trace, still encoded in its shard, on its way out.
type parcel struct {
	shard  uint16
	index  uint32
	spans  int
	late   bool
	reason string
	path   tracesketch.Path
}

// outbox queues parcels for the senders. It has no limit of its own: what waits here takes part of the memory limit, and
// intake is refused when that is reached.
type outbox struct {
	mu    sync.Mutex // guards everything below
	queue []parcel
	ready chan struct{} // capacity 1: there may be something
	ended chan struct{} // closed: nothing more will come
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1), ended: make(chan struct{})} }

func (o *outbox) put(p parcel) {
	o.mu.Lock()
	o.queue = append(o.queue, p)
	o.mu.Unlock()
}

// close tells the senders that nothing more will come.
func (o *outbox) close() { close(o.ended) }

// flush wakes a sender.
func (o *outbox) flush() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// take moves parcels of at most limit spans (one parcel at least) into dst and tells whether more are waiting.
func (o *outbox) take(dst []parcel, limit int) ([]parcel, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, spans := 0, 0
	for n < len(o.queue) && (n == 0 || spans+o.queue[n].spans <= limit) {
		spans += o.queue[n].spans
		n++
	}
	dst = append(dst, o.queue[:n]...)
	o.queue = o.queue[n:]
	if len(o.queue) == 0 {
		o.queue = nil
	}
	return dst, len(o.queue) > 0
}
