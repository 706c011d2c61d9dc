package watch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
)

// A healthy pipeline is starting, then ok, and stays so.
func TestHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, func(c *Config) {
			c.Heartbeat = &HeartbeatConfig{Send: func(context.Context) error { return nil }, Interval: 10 * time.Second}
		}).sending(testStream(t, nil))
		assert.Equal(t, Starting, p.State())
		p.until(OK, 2*lateAfter)
		pass(10 * time.Minute)
		r := p.Report()
		assert.Equal(t, OK, r.State, r.Reasons)
		assert.InDelta(t, 6000, r.Verdicts["delivered"], 200)
		assert.Len(t, r.Verdicts, 1)
		assert.Empty(t, r.Failing)
		require.Len(t, r.Vantages, 1)
		assert.Less(t, time.Since(r.Vantages[0].Newest), 2*lateAfter)
		p.end()
		assert.Equal(t, []State{OK}, p.witness.changes, "the end of the pipelines is no change of the verdict")
		assert.InDelta(t, 60, p.witness.beaten(), 2)
	})
}

// Total loss is noticed within late_after and 2 s, named once it is certain, and over when a twelfth of the window is clean.
func TestLossIsNoticedAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, func(c *Config) {
			c.Heartbeat = &HeartbeatConfig{Send: func(context.Context) error { return nil }, Interval: time.Second}
		}).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		pass(time.Minute)
		p.setBroken(true)
		assert.LessOrEqual(t, p.until(Degraded, time.Minute), lateAfter+2*time.Second)
		assert.Equal(t, "overdue", p.Report().Failing[0].Verdict)
		beats := p.witness.beaten()
		pass(lostAfter)
		assert.LessOrEqual(t, p.witness.beaten(), beats+1, "no heart beats while the verdict is not ok")
		verdicts := map[string]bool{}
		for _, f := range p.Report().Failing {
			verdicts[f.Verdict] = true
			if f.Verdict == "missing" {
				assert.NotEmpty(t, f.Operation)
				assert.Len(t, f.Trace, 32)
				assert.Equal(t, "sentinel", f.Vantage)
			}
		}
		assert.True(t, verdicts["missing"], verdicts)
		p.setBroken(false)
		p.until(OK, 6*time.Minute)
		pass(time.Minute)
		assert.Empty(t, p.Report().Failing)
		assert.Positive(t, p.Report().Verdicts["missing"])
		p.end()
		assert.Equal(t, []State{OK, Degraded, OK}, p.witness.changes)
	})
}

// A single lost trace among ten a second is noticed.
func TestOneLostTraceIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		pass(10 * time.Minute)
		p.setBroken(true)
		pass(200 * time.Millisecond)
		p.setBroken(false)
		assert.LessOrEqual(t, p.until(Degraded, time.Minute), lateAfter+2*time.Second)
		p.end()
	})
}

// Whoever hears nothing knows nothing.
func TestIgnoranceIsUnknown(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(*testing.T, *pipeline)
		reason  string
	}{
		"no exporter": {func(*testing.T, *pipeline) {}, "nothing is judged; add the sentinel exporter to a pipeline, or a backend"},
		"no stream": {func(t *testing.T, p *pipeline) {
			_, err := p.Attach(component.MustNewID("sentinel"), vantage.Place{})
			require.NoError(t, err)
		}, "sentinel: no stream is known; add the sentinel receiver, or streams to the exporter"},
		"no generator": {func(t *testing.T, p *pipeline) {
			_, err := p.Attach(component.MustNewID("sentinel"), vantage.Place{})
			require.NoError(t, err)
			_, err = p.Announce(component.MustNewID("sentinel"), []vantage.Stream{testStream(t, nil)})
			require.NoError(t, err)
		}, "sentinel: no generator has been heard"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := watching(t, nil)
				tc.prepare(t, p)
				assert.Equal(t, Starting, p.State())
				pass(lateAfter + grace + time.Second)
				assert.Equal(t, Unknown, p.State())
				assert.Equal(t, []string{tc.reason}, p.Report().Reasons)
				p.end()
			})
		})
	}
}

// A generator that stops without a word is not a loss.
func TestSilenceIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil).sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		require.NoError(t, p.generator.Shutdown(t.Context()))
		assert.LessOrEqual(t, p.until(Unknown, time.Minute), lateAfter+3*time.Second)
		pass(time.Minute)
		assert.Zero(t, p.Report().Verdicts["missing"])
		assert.Contains(t, p.Report().Reasons[0], "has been silent")
		p.end()
	})
}

// A backend that does not answer makes the verdict unknown, and what it has lost is told once it does.
func TestBackendDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		p := watching(t, func(c *Config) { c.Backends = []BackendConfig{{Name: "jaeger", Backend: s, Share: 1}} })
		p.store = s
		p.sending(testStream(t, nil))
		p.until(OK, 2*lateAfter)
		pass(time.Minute)
		require.Equal(t, OK, p.State(), p.Report().Reasons)
		assert.Positive(t, p.Report().Vantages[0].Verdicts["delivered"])
		s.setDown(true)
		assert.LessOrEqual(t, p.until(Unknown, time.Minute), 3*time.Second)
		assert.Contains(t, p.Report().Reasons[0], "jaeger: the last")
		assert.Contains(t, p.Report().Reasons[0], "status 503")
		pass(time.Minute)
		assert.Equal(t, Unknown, p.State())
		assert.Zero(t, p.Report().Verdicts["missing"])
		s.setDown(false)
		p.until(OK, 10*time.Minute)
		p.mu.Lock()
		p.store = nil // the pipeline's end still gets everything
		p.mu.Unlock()
		p.until(Degraded, time.Minute)
		p.end()
	})
}

// Two receivers with the same number of a stream would send the same ids.
func TestStreamNumbersAreUnique(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil)
		ambient := testStream(t, nil)
		first, err := p.Announce(component.MustNewIDWithName("sentinel", "one"), []vantage.Stream{ambient})
		require.NoError(t, err)
		_, err = p.Announce(component.MustNewIDWithName("sentinel", "two"), []vantage.Stream{ambient})
		require.EqualError(t, err, "streams::ambient::number: 0 is taken by sentinel/one; traces of both would have the same ids")
		first.Close()
		_, err = p.Announce(component.MustNewIDWithName("sentinel", "two"), []vantage.Stream{ambient})
		require.NoError(t, err)
		_, err = p.Attach(component.MustNewID("sentinel"), vantage.Place{})
		require.NoError(t, err)
		_, err = p.Attach(component.MustNewID("sentinel"), vantage.Place{})
		require.EqualError(t, err, `there is a vantage "sentinel" already; give the component or the backend another name`)
		p.end()
	})
}

// A vantage is held to the receivers whose traces come there: where it says which, to those, else to all.
func TestReceiversOfAVantage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil)
		_, err := p.Attach(component.MustNewIDWithName("sentinel", "elsewhere"), vantage.Place{Receivers: []component.ID{component.MustNewIDWithName("sentinel", "other")}})
		require.NoError(t, err)
		_, err = p.Attach(component.MustNewIDWithName("sentinel", "everywhere"), vantage.Place{})
		require.NoError(t, err)
		p.sending(testStream(t, nil))
		pass(time.Minute)
		states := map[string]State{}
		for _, v := range p.Report().Vantages {
			states[v.Name] = v.State
			assert.Equal(t, v.Name == "sentinel/everywhere", v.Verdicts["missing"] > 0, v.Name)
		}
		assert.Equal(t, OK, states["sentinel"])
		assert.Equal(t, Degraded, states["sentinel/everywhere"])
		assert.NotEqual(t, Degraded, states["sentinel/elsewhere"])
		p.end()
	})
}

// A stream that pauses is no silence.
func TestPauseOfBurstsIsFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := watching(t, nil).sending(testStream(t, func(c *traffic.Config) {
			c.Name, c.Every, c.For, c.ErrorShare = "burst", 10*time.Minute, time.Minute, 0.5
		}))
		p.until(OK, 11*time.Minute)
		pass(30 * time.Minute)
		assert.Equal(t, OK, p.State(), p.Report().Reasons)
		p.end()
		assert.Equal(t, []State{OK}, p.witness.changes)
	})
}
