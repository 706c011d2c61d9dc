package watch

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// A failure that was revised is listed as what it is now, or not at all.
func TestRevisedFailuresLeave(t *testing.T) {
	now, f := time.Unix(0, 0), failures{}
	for range 2 {
		f.note(now, "end", failureOf("duplicate", nil), &verify.Judgement{Verdict: verify.Duplicate})
	}
	f.revise(failureOf("duplicate", nil), 1)
	require.Len(t, f.list(now, time.Minute), 1)
	assert.EqualValues(t, 1, f.list(now, time.Minute)[0].Count)
	f.revise(failureOf("missing", nil), 1)
	require.Len(t, f.list(now, time.Minute), 1, "another failure")
	f.revise(failureOf("duplicate", nil), 1)
	assert.Empty(t, f.list(now, time.Minute))
}

// So does a place list it.
func TestPlaceTakesOutWhatIsRevised(t *testing.T) {
	p := watching(t, nil)
	judge, err := newPlace(p.Watch, "end", Pipeline, p.place)
	require.NoError(t, err)
	judge.note(&verify.Judgement{Verdict: verify.Duplicate, Traces: 1})
	require.Len(t, judge.failing, 1)
	judge.note(&verify.Judgement{Verdict: verify.Delivered, Was: verify.Duplicate, Traces: 1})
	assert.Empty(t, judge.failing)
	assert.Zero(t, judge.verdicts["duplicate"])
}

// Where traces are rarer than the short window is long, a total loss is not forgotten between two of them.
func TestRareTracesStayDegraded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var losing atomic.Bool
		p, key := watching(t, func(c *Config) { c.Objectives.Window = time.Minute }), testKey(t)
		p.between = func(td ptrace.Traces, deliver func(ptrace.Traces)) {
			id, _ := key.Open(td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).TraceID())
			if !losing.Load() || traffic.IsManifest(id) {
				deliver(td)
			}
		}
		p.sending(testStream(t, func(c *traffic.Config) { c.Rate = 0.1 }))
		p.until(OK, time.Minute)
		pass(time.Minute)
		require.Equal(t, OK, p.State(), p.Report().Reasons)
		losing.Store(true)
		p.until(Degraded, time.Minute)
		for range 300 {
			pass(time.Second)
			require.Equal(t, Degraded, p.State())
		}
		losing.Store(false)
		p.until(OK, time.Minute)
		p.end()
	})
}
