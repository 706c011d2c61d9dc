package watch

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// hiding lets a store show each trace only after a time, which a number from 0 to 1 chooses, and returns the times of all traces so far.
func hiding(t *testing.T, p *pipeline, took func(u float64) time.Duration) (times func() []time.Duration) {
	t.Helper()
	key, s := testKey(t), p.store
	all := map[identity.TraceID]time.Duration{}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.store = nil
	p.between = func(td ptrace.Traces, deliver func(ptrace.Traces)) {
		deliver(td)
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					id, _ := key.Open(span.TraceID())
					one := ptrace.NewTraces()
					r := one.ResourceSpans().AppendEmpty()
					rs.Resource().CopyTo(r.Resource())
					r.SetSchemaUrl(rs.SchemaUrl())
					sc := r.ScopeSpans().AppendEmpty()
					ss.Scope().CopyTo(sc.Scope())
					sc.SetSchemaUrl(ss.SchemaUrl())
					span.CopyTo(sc.Spans().AppendEmpty())
					raw := span.TraceID()
					after := took((float64(raw[2])*256 + float64(raw[3])) / 65536)
					if !traffic.IsManifest(id) {
						p.mu.Lock()
						all[id] = after
						p.mu.Unlock()
					}
					time.AfterFunc(after, func() { s.put(one) })
				}
			}
		}
	}
	return func() []time.Duration {
		p.mu.Lock()
		defer p.mu.Unlock()
		var out []time.Duration
		for _, d := range all {
			out = append(out, d)
		}
		slices.Sort(out)
		return out
	}
}

// How long traces take to be there is measured, though each is judged only when it would be late.
func TestDelaysOfABackend(t *testing.T) {
	for name, tc := range map[string]struct {
		took func(u float64) time.Duration
		slow bool
	}{
		"at once":     {func(float64) time.Duration { return time.Millisecond }, false},
		"two seconds": {func(float64) time.Duration { return 2 * time.Second }, false},
		"spread": {func(u float64) time.Duration {
			return time.Duration(float64(time.Second) * math.Exp(0.4*math.Log(u/(1.01-u)+0.001)+0.7))
		}, false},
		"just in time":        {func(float64) time.Duration { return 12 * time.Second }, false},
		"hidden for too long": {func(float64) time.Duration { return 20 * time.Second }, true},
		"a twentieth hidden": {func(u float64) time.Duration {
			if u < 0.05 {
				return 22 * time.Second
			}
			return time.Second
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStore()
				p := watching(t, func(c *Config) {
					c.Backends = []BackendConfig{{Name: "jaeger", Backend: s, Share: 1}}
					c.LateAfter, c.LostAfter, c.Objectives.P99 = verify.DefaultLateAfter, verify.DefaultLostAfter, 15*time.Second
				})
				p.store = s
				times := hiding(t, p, tc.took)
				p.sending(testStream(t, func(c *traffic.Config) { c.Rate = 4 }))
				pass(8 * time.Minute)
				v := p.at("jaeger")
				require.NotNil(t, v.Delays)
				truth := times()
				for _, q := range []struct{ want, got float64 }{
					{truth[len(truth)/2].Seconds(), v.Delays.P50}, {truth[len(truth)*99/100].Seconds(), v.Delays.P99},
				} {
					assert.InDelta(t, q.want, q.got, 0.5+0.25*q.want, "p50 %v, p99 %v", v.Delays.P50, v.Delays.P99)
				}
				assert.InDelta(t, 8*30, v.Delays.Traces, 30, "one trace every other second")
				assert.Zero(t, v.Verdicts["late"]+v.Verdicts["missing"]+v.Verdicts["incomplete"])
				if !tc.slow {
					assert.Equal(t, OK, p.State(), p.Report().Summary)
					assert.Zero(t, v.SLO.Latency.Bad)
					assert.Equal(t, []State{OK}, p.witness.changes)
					p.end()
					return
				}
				assert.Equal(t, Degraded, p.State())
				assert.Regexp(t, `^The collector is fine; jaeger is slow: (all traces|[\d.]+ % of the traces) of the last 5m0s took longer than 15s\.$`, p.Report().Summary)
				p.end()
			})
		})
	}
}

// Where delays are not measured, nothing is said of them.
func TestDelaysThatAreNotObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := hundredthStore(t, 5*time.Second)
		pass(3 * time.Minute)
		v := p.at("store")
		assert.Positive(t, v.Verdicts["delivered"])
		assert.Nil(t, v.Delays)
		assert.Zero(t, v.SLO.Latency.Good+v.SLO.Latency.Bad)
		assert.Contains(t, promises(*v), "how long they take is not measured here")
		p.end()
	})
}
