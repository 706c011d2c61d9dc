package generator

import (
	"context"
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Limits of pacing.
const (
	maxLag  = traffic.SlotLength    // a trace that would leave later than this is skipped
	minWait = time.Millisecond      // between two looks at the clock
	nap     = 10 * time.Millisecond // while there is no room
)

// pacer sends one stream. It belongs to the goroutine of run.
type pacer struct {
	config   *Config
	stream   *traffic.Stream
	timeline *timeline
	ring     *ring
	account  *account
	sender   *sender

	since    uint32 // first slot of the run
	slot     uint32 // that is being sent
	sequence uint32 // of the next trace
	count    uint32 // traces of the slot
	trace    traffic.Trace
}

func newPacer(send context.Context, config *Config, stream *traffic.Stream) *pacer {
	p := &pacer{config: config, stream: stream, timeline: newTimeline(config.Clock), account: &account{}}
	p.sender = newSender(send, config, stream, p.account)
	p.ring = newRing(stream.Config().Batches, p.timeline.last, p.sender.dispatch)
	p.since = traffic.SlotOf(p.timeline.last) + 1
	return p
}

func (p *pacer) run(ctx context.Context) {
	p.begin(p.since)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := p.timeline.now()
		read := p.timeline.read
		p.account.look(read)
		p.advance(ctx, now)
		wait := p.wait(now)
		p.account.await(read.Add(wait))
		timer.Reset(wait)
	}
}

// begin opens a slot.
func (p *pacer) begin(slot uint32) {
	p.slot, p.sequence, p.count = slot, 0, p.stream.Count(slot)
	p.account.open(slot)
}

// advance does what is due.
func (p *pacer) advance(ctx context.Context, now time.Time) {
	for ctx.Err() == nil {
		for p.sequence < p.count && ctx.Err() == nil {
			due := p.due()
			if due.After(now) {
				p.ring.advance(now)
				return
			}
			if now.Sub(due) > maxLag {
				p.skipLate(now)
				continue
			}
			if !p.sender.roomy() {
				p.ring.advance(now)
				return
			}
			p.ring.advance(due)
			p.stream.Trace(p.id(), &p.trace)
			p.account.attempt(p.ring.add(&p.trace))
			p.sequence++
		}
		p.ring.advance(now)
		end := traffic.SlotStart(p.slot + 1)
		if p.sequence < p.count || end.After(now) {
			return
		}
		p.endSlot() //nolint:contextcheck // what is being sent outlives the pacing
		// Slots that are too late as a whole are slept through: no report mentions them.
		p.begin(max(p.slot+1, traffic.SlotOf(now.Add(-maxLag))))
	}
}

func (p *pacer) id() identity.TraceID {
	return identity.TraceID{Instance: p.config.Instance, Stream: p.stream.Config().Number, Slot: p.slot, Sequence: p.sequence}
}

// due is when the next trace of the slot leaves.
func (p *pacer) due() time.Time {
	return traffic.SlotStart(p.slot).Add(traffic.Offset(p.sequence, p.count))
}

// skipLate skips the traces of the slot that are too late.
func (p *pacer) skipLate(now time.Time) {
	first := p.sequence
	for p.sequence < p.count && now.Sub(p.due()) > maxLag {
		p.sequence++
	}
	p.account.skip(p.sequence - first)
}

// endSlot ends the account of the slot, and tells it.
func (p *pacer) endSlot() {
	p.account.end()
	m := &traffic.Manifest{
		Instance: p.config.Instance, Stream: p.stream.Config().Number, Slot: p.slot, Run: p.config.Run, Since: p.since,
		Configuration: p.stream.Fingerprint(), Slots: p.account.reports(),
	}
	p.sender.tell(m)
	p.config.Observer.Told(p.stream, m)
}

// wait is how long nothing is due.
func (p *pacer) wait(now time.Time) time.Duration {
	next := traffic.SlotStart(p.slot + 1)
	if p.sequence < p.count {
		next = p.due()
		if !p.sender.roomy() {
			return nap
		}
	}
	if closes, open := p.ring.next(); open && closes.Before(next) {
		next = closes
	}
	return max(minWait, next.Sub(now))
}

// finish sends what has been begun, each batch once more at most, and a last manifest. It comes after the end of run.
func (p *pacer) finish() {
	close(p.sender.last)
	p.ring.flush()
	p.sender.sending.Wait()
	if traffic.SlotStart(p.slot).After(p.timeline.now()) {
		return // the first slot has not come yet, and the next run may use it
	}
	p.account.skip(p.count - p.sequence)
	p.endSlot()
	p.sender.sending.Wait()
}
