package generator

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// clock is the bubble's clock, set wrong on purpose.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += by
}

// When the clock jumps forward, as after a pause of the process, slots are missing from the manifests, and nothing is sent late.
func TestSleptThroughSlotsAreNotMentioned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		first := traffic.SlotOf(time.Now()) + 1
		b := started(t, nil, func(g *Config, _ *traffic.Config) { g.Clock = c.now })
		wait(5500 * time.Millisecond)
		c.set(time.Minute)
		wait(5 * time.Second)
		counts := b.stop(t)
		mentioned := map[uint32]bool{}
		for _, m := range b.told {
			for _, r := range m.Slots {
				mentioned[r.Slot-first] = true
			}
		}
		assert.True(t, mentioned[4] && mentioned[65])
		for slot := uint32(5); slot < 63; slot++ {
			assert.Falsef(t, mentioned[slot], "slot %d", slot)
		}
		assert.Less(t, counts.Skipped, uint64(25))
		assert.Greater(t, counts.Attempted, uint64(85))
	})
}

// What was half way out when the process was stopped leaves late, all of it, and is told as held; nothing else is.
func TestWhatWasHalfWayOutIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		first := traffic.SlotOf(time.Now()) + 1
		b := started(t, nil, func(g *Config, _ *traffic.Config) { g.Clock = c.now })
		wait(5510 * time.Millisecond)
		c.set(time.Minute)
		wait(5 * time.Second)
		b.stop(t)
		var held []uint32
		for _, m := range b.told {
			for _, r := range m.Slots {
				for _, e := range r.Exceptions {
					if e.State != traffic.Held || m != b.told[len(b.told)-1] {
						continue
					}
					assert.Equal(t, first+4, r.Slot)
					for n := e.First; n <= e.Last; n++ {
						held = append(held, n)
						b.whole(t, identity.TraceID{Instance: 7, Slot: r.Slot, Sequence: n})
					}
				}
			}
		}
		assert.Contains(t, held, uint32(5), "it had just begun to leave")
		assert.Subset(t, []uint32{2, 3, 4, 5}, held, "a trace takes 300 ms to leave")
	})
}

// A batch that is answered after a stop may settle its traces before the pacer has looked at the clock.
func TestStopIsNoticedByWhoeverIsFirst(t *testing.T) {
	last := &batch{parts: []part{{id: identity.TraceID{Slot: 5}}}}
	for late, want := range map[time.Duration][]traffic.Exception{
		maxLag / 2: nil,
		2 * maxLag: {{First: 0, Last: 0, State: traffic.Held}},
	} {
		a, due := &account{}, time.Now()
		a.open(5)
		a.attempt(1)
		a.await(due)
		a.settle(last, 1, true, due.Add(late))
		a.look(due.Add(late))
		a.end()
		reports := a.reports()
		require.Len(t, reports, 1)
		assert.Equal(t, want, reports[0].Exceptions, late)
		assert.Equal(t, uint32(1), reports[0].Accepted)
	}
}

// After a stop, the pacer may go on with what was due before it: that leaves late too, until the pacer looks at the clock.
func TestWhatIsSentBeforeTheNextLookIsHeld(t *testing.T) {
	one := func(sequence uint32) *batch {
		return &batch{parts: []part{{id: identity.TraceID{Slot: 5, Sequence: sequence}}}}
	}
	a, due := &account{}, time.Now()
	after := due.Add(2 * maxLag)
	a.open(5)
	a.await(due)
	a.attempt(1)
	a.settle(one(0), 1, true, due) // before the stop
	a.attempt(1)
	a.settle(one(1), 1, true, after) // under way meanwhile
	a.attempt(1)
	a.settle(one(2), 1, true, after) // begun after it
	a.look(after)
	a.attempt(1)
	a.settle(one(3), 1, true, after)
	a.end()
	assert.Equal(t, []traffic.Exception{{First: 1, Last: 2, State: traffic.Held}}, a.reports()[0].Exceptions)
}

// When the clock is set back, no slot is sent a second time and the rate holds.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		b := started(t, nil, func(g *Config, _ *traffic.Config) { g.Clock = c.now })
		wait(10 * time.Second)
		c.set(-5 * time.Second)
		wait(20 * time.Second)
		counts := b.stop(t)
		assert.Zero(t, b.doubled)
		assert.Len(t, b.arrived, int(counts.Attempted))
		assert.InDelta(t, 290, float64(counts.Attempted), 10)
		seen := map[uint32]bool{}
		for _, m := range b.told {
			assert.False(t, seen[m.Slot])
			seen[m.Slot] = true
		}
	})
}

func TestTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		line := newTimeline(time.Now)
		wait(time.Second)
		assert.Equal(t, time.Second, line.now().Sub(start))
	})
	readings := []int64{100, 101, 50, 51, 52, 99, 110}
	at := -1
	line := newTimeline(func() time.Time { at++; return time.Unix(readings[at], 0) })
	for _, want := range []int64{101, 101, 102, 103, 150, 161} {
		assert.Equal(t, want, line.now().Unix())
	}
}
