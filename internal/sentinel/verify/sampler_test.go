package verify

import (
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/probabilisticsamplerprocessor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/tracestate"
)

// behind lets two seconds of traces pass a real probabilistic_sampler, and then something else.
func behind(
	t *testing.T, mode probabilisticsamplerprocessor.SamplerMode, percentage float32, declared Sampler, then func(ptrace.Traces) bool,
) (tally [Verdicts]int) {
	t.Helper()
	sink := new(consumertest.TracesSink)
	f := probabilisticsamplerprocessor.NewFactory()
	config := f.CreateDefaultConfig().(*probabilisticsamplerprocessor.Config)
	config.Mode, config.SamplingPercentage = mode, percentage
	p, err := f.CreateTraces(t.Context(), processortest.NewNopSettings(f.Type()), config, sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))

	fast := newStream(t, func(c *traffic.Config) { c.Rate = 100 })
	b := newBench(t, func(c *Config) { c.Streams, c.Sampler = []*traffic.Stream{fast}, declared })
	b.pass(3 * time.Second)
	for slot := uint32(noon); slot < noon+2; slot++ {
		for n := range b.stream.Count(slot) {
			require.NoError(t, p.ConsumeTraces(t.Context(), rendered(b.planned(slot, n))))
		}
	}
	for _, td := range sink.AllTraces() {
		if then == nil || then(td) {
			b.Observe(b.now(), td)
		}
	}
	b.tell(false, 1, noon+1, b.report(noon), b.report(noon+1))
	b.pass(20 * time.Second)
	require.NoError(t, p.Shutdown(t.Context()))
	for _, v := range append(b.verdicts(noon), b.verdicts(noon+1)...) {
		tally[v]++
	}
	return tally
}

// Behind a sampler of fixed probability it is known of each trace whether it survives.
func TestSurvivorsOfProbabilisticSamplerAreKnown(t *testing.T) {
	for _, mode := range []probabilisticsamplerprocessor.SamplerMode{probabilisticsamplerprocessor.Proportional, probabilisticsamplerprocessor.Equalizing} {
		for _, percentage := range []float32{0.7, 10, 33.3, 100} {
			declared, err := NewConsistent(percentage, DefaultPrecision)
			require.NoError(t, err)
			tally := behind(t, mode, percentage, declared, nil)
			assert.Equal(t, 200, tally[Delivered]+tally[SampledOut], "%s %v", mode, percentage)
			assert.InDelta(t, 2*percentage, tally[Delivered], 25)
		}
	}
}

// Negative controls: another probability than declared, a loss behind the sampler, and a sampler that flips coins.
func TestDeclaredSamplerIsHeldToIt(t *testing.T) {
	declared, err := NewConsistent(30, DefaultPrecision)
	require.NoError(t, err)
	more := behind(t, probabilisticsamplerprocessor.Equalizing, 60, declared, nil)
	assert.Positive(t, more[Unexpected])
	less := behind(t, probabilisticsamplerprocessor.Equalizing, 20, declared, nil)
	assert.Positive(t, less[Missing])
	assert.Positive(t, less[Corrupt], "its threshold is another")

	n := 0
	lossy := behind(t, probabilisticsamplerprocessor.Equalizing, 30, declared, func(ptrace.Traces) bool { n++; return n%10 != 0 })
	assert.Equal(t, n/10, lossy[Missing], "what was lost is not sampled out")

	coin := behind(t, probabilisticsamplerprocessor.Equalizing, 100, declared, func(ptrace.Traces) bool { n++; return n%3 == 0 })
	assert.Positive(t, coin[Unexpected])
	assert.Positive(t, coin[Missing])
}

func TestTailSamplerMustKeepWhatReachesItsThreshold(t *testing.T) {
	id := pcommon.TraceID{15: 1, 9: 0x80} // randomness: a half
	th := func(s string) tracestate.Sampling { return tracestate.Read("ot=th:" + s) }
	assert.Empty(t, Tail{}.Check(id, th("0")))
	assert.Empty(t, Tail{}.Check(id, th("8")))
	assert.Contains(t, Tail{}.Check(id, th("9")), "randomness")
	assert.Contains(t, Tail{}.Check(id, tracestate.Sampling{}), "must have written")
	assert.True(t, Tail{}.Adds("assay.sampling.reason"))
	assert.False(t, Tail{}.Adds("http.route"))
	assert.Empty(t, checkTraceState(Tail{}, id, "assay=ambient", "ot=th:8,assay=ambient"))
	assert.Contains(t, checkTraceState(Tail{}, id, "assay=ambient", "ot=th:8,assay=other"), "but for")
}

// What a sampler dropped and what was lost look alike behind a sampler that nobody can foresee.
func TestAbsenceBehindTailSamplerIsUnknown(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Sampler = Tail{} })
	b.pass(2 * time.Second)
	td := rendered(b.planned(noon, 0))
	for _, rs := range td.ResourceSpans().All() {
		rs.ScopeSpans().At(0).Spans().At(0).TraceState().FromRaw("ot=th:0,assay=ambient")
	}
	b.Observe(b.now(), td)
	b.tell(false, 1, noon, b.report(noon))
	b.pass(10 * time.Second)
	assert.Zero(t, b.State().Overdue)
	b.pass(10 * time.Second)
	assert.Equal(t, append([]Verdict{Delivered}, some(Unknown, 9)...), b.verdicts(noon))
	assert.InDelta(t, 1, b.of(noon, 0).Weight, 0)
	assert.True(t, b.of(noon, 1).Accepted)
	assert.Equal(t, unpredictable, b.of(noon, 1).Detail)
}

func TestConsistentSamplersAreChecked(t *testing.T) {
	_, err := NewConsistent(0, 4)
	require.ErrorContains(t, err, "percentage: must be more than 0")
	_, err = NewConsistent(10, 15)
	require.ErrorContains(t, err, "precision: must be between 1 and 14")
}
