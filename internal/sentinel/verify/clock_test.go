package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A minute's life of sentinel and verifier on one machine. The generator follows a clock that is set forward, and goes on ahead of
// one that is set back; what the wall clock says to the verifier must not make a verdict.
func TestStepsOfTheWallClock(t *testing.T) {
	for name, step := range map[string]time.Duration{
		"none": 0, "a day ahead": 24 * time.Hour, "a minute ahead": time.Minute, "an hour back": -time.Hour, "20 s back": -20 * time.Second,
		"3 s ahead": 3 * time.Second, "3 s back": -3 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			reports := b.report(noon)
			slot := uint32(noon)
			for second := range 60 {
				b.pass(time.Second)
				if second == 0 {
					continue
				}
				b.arrive(slot, upTo(b.stream.Count(slot))...)
				if second > 1 {
					b.tell(false, 1, slot, reports, b.report(slot))
				}
				reports = b.report(slot)
				slot++
				if second == 20 {
					b.step = step
					slot += uint32(max(0, step/time.Second))
				}
			}
			b.pass(9 * time.Second)
			state := b.State()
			for v := Late; v <= Unexpected; v++ {
				assert.Zero(t, state.Verdicts[v], "%v: %+v", v, b.judgements)
			}
			assert.Zero(t, state.Overdue)
			assert.GreaterOrEqual(t, state.Verdicts[Delivered], uint64(10*58))
		})
	}
}

// A verifier that did not run itself cannot blame others for what it has not seen in time.
func TestStoppedVerifierBlamesNobody(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.arrive(noon, upTo(10)...)
	b.tell(false, 1, noon, b.report(noon))
	b.pass(time.Second)
	b.mono += time.Minute // SIGSTOP; the spans wait in a buffer
	b.Advance(b.now())
	b.arrive(noon+1, upTo(10)...)
	b.tell(false, 1, noon+1, b.report(noon), b.report(noon+1))
	b.arrive(noon+30, upTo(10)...) // sent by another machine meanwhile
	b.pass(20 * time.Second)
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon))
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon+1))
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon+30))
}

func TestClockDoesNotGoBack(t *testing.T) {
	var c clock
	c.advance(Instant{Mono: time.Minute})
	c.advance(Instant{Mono: time.Minute + time.Second})
	assert.Equal(t, time.Second, c.advance(Instant{Mono: 30 * time.Second}))
	assert.Equal(t, 2*time.Second, c.advance(Instant{Mono: time.Minute + 2*time.Second}))
}
