package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

func TestWholeTracesAreDeliveredWithTheirDelay(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2500 * time.Millisecond) // noon + 1.5 s
	b.arrive(noon, upTo(10)...)
	b.tell(false, 1, noon, b.report(noon))
	assert.Empty(t, b.judgements, "a trace may still have duplicates")
	b.pass(6 * time.Second)
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon))
	assert.InDelta(t, 1.2, b.of(noon, 0).Delay.Seconds(), 0.01, "six batches take 300 ms")
	assert.Zero(t, b.State().Overdue)
}

// A verdict against the pipeline needs the word of the generator that the trace was accepted.
func TestSilenceIsUnknown(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.tell(false, 1, noon, b.report(noon))
	b.pass(4 * time.Second)
	assert.False(t, b.State().Sources[0].Silent)
	b.pass(2500 * time.Millisecond)
	assert.True(t, b.State().Sources[0].Silent, "noticed within late_after + 2 s")
	b.pass(20 * time.Second)
	assert.Equal(t, some(Missing, 10), b.verdicts(noon))
	assert.Equal(t, some(Unknown, 10), b.verdicts(noon+1), "of this slot nothing was told")
	assert.Equal(t, "the generator is silent", b.of(noon+1, 0).Detail)
}

func TestGeneratorOnAnotherRoadMakesLossKnown(t *testing.T) {
	b := newBench(t, nil)
	for slot := range uint32(30) {
		b.pass(time.Second)
		b.tell(true, 1, noon+slot, b.report(noon+slot))
		if slot == 6 {
			assert.Positive(t, b.State().Overdue, "noticed within late_after + 2 s")
		}
	}
	assert.Equal(t, some(Missing, 10), b.verdicts(noon))
	assert.NotContains(t, b.verdicts(noon+5), Unknown)
}

func TestWhatTheGeneratorTells(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.arrive(noon, 3, 3, 4, 4, 9)
	b.tell(false, 1, noon, b.report(noon,
		traffic.Exception{First: 0, Last: 0, State: traffic.Refused},
		traffic.Exception{First: 1, Last: 2, State: traffic.Skipped},
		traffic.Exception{First: 3, Last: 3, State: traffic.Retried},
		traffic.Exception{First: 5, Last: 5, State: traffic.InFlight},
		traffic.Exception{First: 9, Last: 9, State: traffic.Skipped},
	))
	b.pass(20 * time.Second)
	assert.Equal(t, []Verdict{
		RefusedAtSource, GeneratorGap, GeneratorGap, Delivered, Duplicate, Unknown, Missing, Missing, Missing, Unexpected,
	}, b.verdicts(noon))
	b.tell(false, 1, noon+20, b.report(noon), b.report(noon+20))
	b.pass(time.Second)
	assert.Equal(t, Judgement{
		Verdict: Missing, Was: Unknown, Trace: b.id(noon, 5), Sealed: b.stream.Key().Seal(b.id(noon, 5)), Stream: "ambient", Traces: 1, Accepted: true,
	}, b.of(noon, 5), "what is told late counts")
}

// A generator that was stopped says so by what it does not mention.
func TestSlotsThatWereSleptThroughAreAGap(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.tell(false, 1, noon, b.report(noon))
	b.pass(3 * time.Second)
	b.tell(false, 1, noon+3, b.report(noon), b.report(noon+3))
	b.pass(20 * time.Second)
	assert.Equal(t, some(GeneratorGap, 10), b.verdicts(noon+1))
	assert.Equal(t, some(GeneratorGap, 10), b.verdicts(noon+2))
	assert.Equal(t, some(Missing, 10), b.verdicts(noon+3))
}

// What a generator holds back, because it was stopped, is late by no fault of the pipeline, which can still lose or break it.
func TestHeldTracesAreAGapWhereTheyAreLate(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.arrive(noon, 0, 0)
	b.pass(18 * time.Second)
	assert.Equal(t, Unknown, b.of(noon, 1).Verdict, "nothing was heard of it")
	b.arrive(noon, 1, 2, 2)
	b.Observe(b.now(), func() ptrace.Traces {
		td := rendered(b.planned(noon, 3))
		td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetName("changed")
		return td
	}())
	assert.Equal(t, Unknown, b.of(noon, 1).Verdict, "whose fault it is, the generator has to say")
	b.tell(false, 1, noon+19, b.report(noon, traffic.Exception{First: 0, Last: 5, State: traffic.Held}), b.report(noon+19))
	b.pass(time.Second)
	assert.Zero(t, b.of(noon, 1).Delay)
	b.pass(20 * time.Second)
	assert.Equal(t, []Verdict{Delivered, GeneratorGap, GeneratorGap, Corrupt, Missing, Missing, Missing, Missing, Missing, Missing}, b.verdicts(noon))
}

// Where more slots were told since than a manifest mentions, a slot that it does not mention may have been told before.
func TestSlotsThatManifestsNoLongerMentionAreUnknown(t *testing.T) {
	b := newBench(t, nil)
	var last []traffic.SlotReport
	for slot := range uint32(20) {
		b.pass(time.Second)
		last = append(last, b.report(noon+slot))
		last = last[max(0, len(last)-repeats):]
		if slot < 2 || slot > 12 {
			b.tell(false, 1, noon+slot, last...)
		}
	}
	b.pass(20 * time.Second)
	assert.Equal(t, some(Missing, 10), b.verdicts(noon+1))
	assert.Equal(t, some(Unknown, 10), b.verdicts(noon+2))
	assert.Equal(t, some(Missing, 10), b.verdicts(noon+6))
}

func TestLateTracesAreLateAndNotMissing(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.tell(false, 1, noon, b.report(noon))
	b.pass(8 * time.Second)
	assert.Equal(t, 10, b.State().Overdue)
	b.arrive(noon, 0)
	assert.Equal(t, Late, b.of(noon, 0).Verdict, "told at once")
	assert.Equal(t, 9, b.State().Overdue)
	b.pass(10 * time.Second)
	require.Equal(t, Missing, b.of(noon, 1).Verdict)
	b.arrive(noon, 1)
	assert.Equal(t, Late, b.of(noon, 1).Verdict)
	assert.Equal(t, Missing, b.of(noon, 1).Was)
	assert.Zero(t, b.State().Overdue)
}

func TestIncompleteTracesNameTheirOperations(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.tell(false, 1, noon, b.report(noon))
	plan := b.planned(noon, 0)
	td := ptrace.NewTraces()
	for i := 1; i < len(plan.Spans); i++ {
		write(plan, i, td)
	}
	b.Observe(b.now(), td)
	b.pass(20 * time.Second)
	j := b.of(noon, 0)
	assert.Equal(t, Incomplete, j.Verdict)
	assert.Contains(t, j.Detail, plan.Spans[0].Operation.Reference())
	assert.Contains(t, j.Detail, "1 of ")
}

// Long traces have bitmaps of their own, and are judged like others.
func TestLongTraces(t *testing.T) {
	long := newStream(t, func(c *traffic.Config) { c.Long = 1 })
	b := newBench(t, func(c *Config) { c.Streams = []*traffic.Stream{long} })
	b.pass(2 * time.Second)
	b.tell(false, 1, noon, b.report(noon))
	b.arrive(noon, 0)
	plan := b.planned(noon, 1)
	require.Greater(t, len(plan.Spans), 64)
	td := rendered(plan)
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		return rs.ScopeSpans().At(0).Spans().At(0).SpanID() == plan.SpanID(64)
	})
	b.Observe(b.now(), td)
	b.pass(20 * time.Second)
	assert.Equal(t, Delivered, b.of(noon, 0).Verdict)
	assert.Equal(t, Incomplete, b.of(noon, 1).Verdict)
	b.pass(2 * time.Minute)
	b.Advance(b.now())
	before := b.size
	b.pass(5 * time.Minute)
	assert.LessOrEqual(t, b.size, before, "what is over is forgotten")
}

// Spans that were sent long ago and come again are not taken for what comes now.
func TestReplayedSpansAreUnexpected(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.arrive(noon, upTo(10)...)
	b.tell(false, 1, noon, b.report(noon))
	b.pass(10 * time.Minute)
	before := len(b.judgements)
	b.arrive(noon, 0, 1)
	require.Len(t, b.judgements, before+2)
	assert.Equal(t, Unexpected, b.judgements[before].Verdict)
	assert.Contains(t, b.judgements[before].Detail, "away")
}

// A trace counts once, however many batches of it come, and whatever comes between them.
func TestUnexpectedTracesAreCountedOnce(t *testing.T) {
	b := newBench(t, nil)
	b.pass(10 * time.Minute)
	for range 3 {
		b.arrive(noon, upTo(10)...)
	}
	assert.Equal(t, uint64(10), b.State().Verdicts[Unexpected])
}

func TestRecentTracesAreBounded(t *testing.T) {
	var r recent
	for n := range uint32(3 * recentTraces) {
		require.True(t, r.add(identity.TraceID{Slot: noon, Sequence: n}))
		require.False(t, r.add(identity.TraceID{Slot: noon, Sequence: n}))
	}
	assert.Len(t, r.known, recentTraces)
	assert.Len(t, r.ring, recentTraces)
	assert.False(t, r.add(identity.TraceID{Slot: noon, Sequence: 2 * recentTraces}), "the oldest of the last ones")
	assert.True(t, r.add(identity.TraceID{Slot: noon}), "long ago")
}

func TestTwoGeneratorsWithOneInstance(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	b.arrive(noon, upTo(10)...)
	b.arrive(noon, upTo(10)...)
	b.tell(false, 1, noon, b.report(noon))
	b.tell(false, 2, noon, b.report(noon))
	b.pass(20 * time.Second)
	assert.Equal(t, some(Unknown, 10), b.verdicts(noon))
	assert.Contains(t, b.of(noon, 0).Detail, "two generators")
	assert.True(t, b.State().TwoRuns)
}

func TestAnotherConfigurationIsSaidNotJudged(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	m := &traffic.Manifest{Instance: instance, Slot: noon, Run: 1, Since: noon, Configuration: "0badc0de", Slots: []traffic.SlotReport{b.report(noon)}}
	b.Told(b.now(), m)
	b.arrive(noon, 0)
	b.pass(20 * time.Second)
	assert.Empty(t, b.judgements)
	assert.Equal(t, "0badc0de", b.State().Sources[0].Foreign)
}

func TestPartialViewDoesNotJudgeWhatItDoesNotSee(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Partial = true })
	b.pass(2 * time.Second)
	b.tell(false, 1, noon, b.report(noon))
	b.arrive(noon, 0)
	td := ptrace.NewTraces()
	write(b.planned(noon, 1), 0, td)
	write(b.planned(noon, 2), 0, td).SetName("changed")
	write(b.planned(noon, 3), 0, td)
	write(b.planned(noon, 3), 0, td)
	b.Observe(b.now(), td)
	b.pass(20 * time.Second)
	assert.Equal(t, append([]Verdict{Delivered, None, Corrupt, Duplicate}, some(None, 6)...), b.verdicts(noon))
	assert.Equal(t, 7, b.verdictless(noon))
}

// verdictless is how many traces of a slot have no verdict.
func (b *bench) verdictless(slot uint32) (n int) {
	for _, v := range b.verdicts(slot) {
		if v == None {
			n++
		}
	}
	return n
}

func TestMemoryIsBounded(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxTraces = 25 })
	for slot := range uint32(20) {
		b.pass(time.Second)
		b.tell(false, 1, noon+slot, b.report(noon+slot))
		b.arrive(noon+slot, upTo(10)...)
	}
	b.pass(20 * time.Second)
	state := b.State()
	assert.LessOrEqual(t, b.size, 25+100, "but for a word for each slot")
	assert.True(t, state.Full)
	assert.Positive(t, state.Verdicts[Unknown])
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon))
}
