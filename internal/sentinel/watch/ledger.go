package watch

import (
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
)

// ledger hands on what a receiver tells to every place.
type ledger struct {
	watch    *Watch
	receiver component.ID
	streams  []vantage.Stream
	ending   sync.Once
}

// Announce implements vantage.Sentinel.
func (w *Watch) Announce(receiver component.ID, streams []vantage.Stream) (vantage.Ledger, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range streams {
		for _, other := range w.ledgers {
			for _, taken := range other.streams {
				if taken.Config().Number == s.Config().Number {
					return nil, fmt.Errorf("streams::%s::number: %d is taken by %s; traces of both would have the same ids",
						s.Config().Name, s.Config().Number, other.receiver)
				}
			}
		}
	}
	if err := w.follow(streams); err != nil {
		return nil, err
	}
	for _, p := range w.places {
		if !p.hears(receiver) {
			continue
		}
		if err := p.receives(receiver, streams); err != nil {
			return nil, fmt.Errorf("exporter %s: %w; leave streams and topology out there for the receivers of this collector, or write the same as here",
				p.name, err)
		}
	}
	l := &ledger{watch: w, receiver: receiver, streams: streams}
	w.ledgers = append(w.ledgers, l)
	return l, nil
}

// Told implements vantage.Ledger.
func (l *ledger) Told(_ *traffic.Stream, m *traffic.Manifest) {
	now := l.watch.clock()
	for _, p := range l.watch.everyPlace() {
		if p.hears(l.receiver) {
			p.verifier.Told(now, m)
		}
	}
	if n := l.watch.numbers; n != nil {
		n.told(m)
	}
}

// Close implements vantage.Ledger.
func (l *ledger) Close() {
	l.ending.Do(func() {
		for _, p := range l.watch.everyPlace() {
			if !p.hears(l.receiver) {
				continue
			}
			for _, s := range l.streams {
				p.verifier.Ended(l.watch.config.Instance, s.Config().Number)
			}
		}
		l.watch.leave(l)
	})
}

var _ vantage.Sentinel = (*Watch)(nil)
