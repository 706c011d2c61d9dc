package verify

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// whole is an answer with all spans of a trace, but for the last ones.
func (b *bench) whole(q *Question, without int) backend.Answer {
	b.stream.Trace(q.Trace, &b.plan)
	td := ptrace.NewTraces()
	for i := range len(b.plan.Spans) - without {
		rs := td.ResourceSpans().AppendEmpty()
		b.plan.FillResource(i, rs.Resource())
		b.plan.FillSpan(i, rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	}
	return backend.Answer{Found: true, Traces: td}
}

// One trace of ten in every other second is looked for early, until it is there as a whole; its delay lies between the last time that it was
// not, and the first time that it was.
func TestTimedTrace(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(b *bench, q *Question, age time.Duration) (backend.Answer, error)
		asked  int           // times, before the trace is due
		delay  time.Duration // 0: not observed
	}{
		"there at once": {func(b *bench, q *Question, _ time.Duration) (backend.Answer, error) { return b.whole(q, 0), nil }, 1, 250 * time.Millisecond},
		"there after two seconds": {func(b *bench, q *Question, age time.Duration) (backend.Answer, error) {
			if age < 2*time.Second {
				return b.whole(q, 1), nil
			}
			return b.whole(q, 0), nil
		}, 4, 2 * time.Second},
		"answered once, and then not for three seconds": {func(b *bench, q *Question, age time.Duration) (backend.Answer, error) {
			if age > time.Second && age < 4*time.Second {
				return backend.Answer{}, errors.New("503")
			}
			if age < time.Second {
				return backend.Answer{}, nil
			}
			return b.whole(q, 0), nil
		}, 7, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(c *Config) { c.Lookup = 1 })
			b.pass(2 * time.Second)
			b.tell(true, 1, noon, b.report(noon))
			b.mono -= time.Second // the generator told of the slot at its end
			o := b.sources[sourceID{instance, b.stream.Config().Number}].slots[noon]
			require.NotNil(t, o.timed, "an even slot")
			asked, last := 0, b.id(noon, o.timed.sequence)
			for b.mono < 8*time.Second {
				for _, q := range b.EarlyQuestions(b.now(), 100) {
					if q.Trace != last {
						continue
					}
					asked++
					answer, err := tc.answer(b, &q, q.asked)
					assert.Empty(t, b.EarlyQuestions(b.now(), 100), "one question at a time")
					b.Answer(b.now(), q, answer, err)
				}
				assert.Equal(t, None, b.of(noon, last.Sequence).Verdict, "to be there early is no verdict")
				b.pass(250 * time.Millisecond)
				if b.age(b.sources[sourceID{instance, b.stream.Config().Number}], o, last.Sequence) >= 5*time.Second {
					break
				}
			}
			assert.InDelta(t, tc.asked, asked, 1)
			for _, q := range b.questions() {
				b.Answer(b.now(), q, b.whole(&q, 0), nil)
			}
			b.pass(2 * time.Second)
			for _, q := range b.questions() {
				b.Answer(b.now(), q, b.whole(&q, 0), nil)
			}
			j := b.of(noon, last.Sequence)
			assert.InDelta(t, tc.delay.Seconds(), j.Delay.Seconds(), 0.4)
			if tc.delay == 0 {
				assert.Zero(t, j.Delay)
				assert.Zero(t, j.Stands)
			} else {
				assert.Equal(t, 20, j.Stands, "itself, nine more, and ten of the next second")
			}
			for n := range uint32(10) {
				if n != last.Sequence {
					assert.Zero(t, b.of(noon, n).Delay, "was not looked for early")
				}
			}
		})
	}
}

// Nothing is looked for early that nobody sent.
func TestWhatWasNotSentIsNotTimed(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Lookup = 1 })
	b.pass(2 * time.Second)
	b.tell(true, 1, noon, b.report(noon, traffic.Exception{Last: 9, State: traffic.Skipped}))
	b.pass(3 * time.Second)
	for _, q := range b.EarlyQuestions(b.now(), 100) {
		assert.NotEqual(t, uint32(noon), q.Trace.Slot)
	}
}
