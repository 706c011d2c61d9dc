package tailsampling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracesketch"
)

// judged is learned state that traces can be put to one by one.
type judged struct {
	learned  *learned
	analyzer tracesketch.Analyzer
	traces   uint32
}

func newJudged() *judged {
	return &judged{learned: newLearned(Defaults().Paths, 64<<20, time.Unix(1_700_000_000, 0))}
}

// trace judges a root operation that calls another so many times, one after the other, each call taking d and the last one
// failing if it is to.
func (j *judged) trace(calls int, d time.Duration, fails bool) signs {
	spans := []tracesketch.Span{{SpanID: 1, Operation: 10, Duration: int64(calls+1) * int64(d)}}
	for i := range calls {
		spans = append(spans, tracesketch.Span{
			SpanID: uint64(i + 2), ParentSpanID: 1, Operation: 20, Start: uint64(i) * uint64(d), Duration: int64(d),
		})
	}
	if fails {
		spans[calls].Flags |= tracesketch.FlagError
	}
	s := j.analyzer.Analyze(spans)
	j.traces++
	return j.learned.judge(spans, &s, j.traces).signs
}

// usual has seen traces with one, two or three calls, none of which failed.
func usual() *judged {
	j := newJudged()
	for n := range 900 {
		j.trace(1+n%3, time.Duration(10+n%5)*time.Millisecond, false)
	}
	return j
}

func TestSlowSpansWeighByTheirDamage(t *testing.T) {
	j := usual()
	ordinary, slow, slower := j.trace(2, 12*time.Millisecond, false), j.trace(2, 60*time.Millisecond, false), j.trace(2, 600*time.Millisecond, false)
	assert.Less(t, ordinary[signLatency]*100, slow[signLatency])
	assert.Less(t, slow[signLatency]*100, slower[signLatency])
	assert.Zero(t, slow[signError])
}

func TestErrorsWeighLessTheMoreThereAre(t *testing.T) {
	j := usual()
	first := j.trace(1, 10*time.Millisecond, true)
	assert.Positive(t, first[signError])
	for range 500 {
		j.trace(1, 10*time.Millisecond, true)
	}
	assert.Less(t, j.trace(1, 10*time.Millisecond, true)[signError]*100, first[signError], "an error storm")
}

// Five calls in the place of one to three walk the same path; nothing but their number says that they are retries.
func TestRetriesAreRare(t *testing.T) {
	j := usual()
	ordinary := j.trace(3, 10*time.Millisecond, false)
	retried := j.trace(5, 10*time.Millisecond, false)
	assert.Less(t, ordinary[signRarity]*1000, retried[signRarity])
	for range 500 {
		j.trace(5, 10*time.Millisecond, false)
	}
	assert.Less(t, j.trace(5, 10*time.Millisecond, false)[signRarity]*1000, retried[signRarity], "no longer")
}

func TestUnknownPathsAreRare(t *testing.T) {
	j := usual()
	other := j.trace(0, 10*time.Millisecond, false)
	assert.Less(t, j.trace(3, 10*time.Millisecond, false)[signRarity]*1000, other[signRarity])
}
