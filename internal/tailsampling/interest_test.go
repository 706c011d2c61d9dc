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
	e := j.learned.judge(spans, &s, j.traces).evidence
	return e.weights()
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

// chain judges a trace in which each operation calls the next once and takes own for itself.
func (j *judged) chain(own time.Duration, operations ...uint64) signs {
	spans := make([]tracesketch.Span, len(operations))
	for i, op := range operations {
		spans[i] = tracesketch.Span{
			SpanID: uint64(i + 1), ParentSpanID: uint64(i), Operation: op,
			Start: uint64(i) * uint64(own), Duration: int64(len(operations)-i) * int64(own),
		}
	}
	s := j.analyzer.Analyze(spans)
	j.traces++
	e := j.learned.judge(spans, &s, j.traces).evidence
	return e.weights()
}

// Behind a gateway every trace has one root, and one operation serves quick and slow paths: what is usual is a matter of the path.
func TestWhatIsUsualDependsOnThePath(t *testing.T) {
	const gateway, database = 10, 30
	j := newJudged()
	for n := range 900 {
		j.chain(time.Duration(10+n%5)*time.Millisecond, gateway, 21, database)
		j.chain(time.Duration(200+n%50)*time.Millisecond, gateway, 22, database)
	}
	usualThere := j.chain(200*time.Millisecond, gateway, 22, database)
	slowHere := j.chain(100*time.Millisecond, gateway, 21, database)
	assert.Less(t, usualThere[signLatency]*1000, slowHere[signLatency])
}

// A path that no one has seen is judged by its operations, and does not become usual by its first traces being slow.
func TestNewPathIsJudgedByItsOperations(t *testing.T) {
	j := newJudged()
	for n := range 900 {
		j.chain(time.Duration(10+n%5)*time.Millisecond, 10, 21, 30)
		j.chain(time.Duration(10+n%5)*time.Millisecond, 10, 22)
	}
	ordinary := j.chain(12*time.Millisecond, 10, 22, 30)
	for range 5 {
		assert.Less(t, ordinary[signLatency]*1000, j.chain(2*time.Second, 10, 22, 40)[signLatency])
	}
}

// A call that is always made is missed, and one that is never made is noticed, also where every path is one of many.
func TestOddCalls(t *testing.T) {
	j := newJudged()
	for n := range 2000 {
		ops := []uint64{10, 20}
		for bit := range 6 {
			if n>>bit&1 == 1 {
				ops = append(ops, uint64(30+bit))
			}
		}
		j.chain(time.Millisecond, append(ops, 50)...)
	}
	ordinary := j.chain(time.Millisecond, 10, 20, 30, 32, 50)
	missing := j.chain(time.Millisecond, 10, 30, 32, 50)
	strange := j.chain(time.Millisecond, 10, 20, 30, 32, 60)
	assert.Zero(t, ordinary[signRarity], "one of 64 paths is not rare")
	assert.Positive(t, missing[signRarity])
	assert.Positive(t, strange[signRarity])
}
