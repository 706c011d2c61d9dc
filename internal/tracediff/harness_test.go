package tracediff

import (
	"context"
	"encoding/binary"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/assayhq/assay/internal/tracediff/alert"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/window"
)

func TestMain(m *testing.M) {
	// The compressor is shared by all: made in a synctest bubble, it would be that bubble's alone.
	if data, err := snapshot.Encode(&snapshot.Snapshot{}); err == nil {
		_, _ = snapshot.Decode(data) // only to have been called once
	}
	goleak.VerifyTestMain(m)
}

// android is the tutorial's query, over short windows.
func android(id string) store.Query {
	return store.Query{
		ID: id, Name: "Hello World", Text: `service IN ("android")`, Scope: "trace", GroupBy: []string{"operation", "http.status_code"},
		Window: time.Minute, Lateness: 5 * time.Second, Baselines: baseline.List("previous"), Thresholds: compare.DefaultThresholds(),
		Source: store.FromConfig, CreatedAt: time.Unix(0, 0).UTC(),
	}
}

// observed is what a service told of itself.
type observed struct {
	mu       sync.Mutex // guards everything below
	finished []*snapshot.Snapshot
	diffs    []*store.Diff
	lost     map[string]int
	states   []error
	alerted  map[alert.Outcome]int
}

func (o *observed) Finished(_ string, s *snapshot.Snapshot) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finished = append(o.finished, s)
}

func (o *observed) Compared(_ string, d *store.Diff) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.diffs = append(o.diffs, d)
}

func (o *observed) LostWindows(reason string, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost[reason] += n
}

func (o *observed) Available(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.states = append(o.states, err)
}

func (o *observed) Alerted(_ string, outcome alert.Outcome, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.alerted[outcome] += n
}

// running is a service in a synctest bubble, whose clock it runs by.
type running struct {
	t *testing.T
	*Service
	*observed
	n       uint64        // of the next trace
	slower  time.Duration // that each span takes
	version string        // of backend; empty: it has none
	added   string        // a service that backend calls, and that takes 20 ms; empty: there is none
}

// history is where a test keeps its database.
func history(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "history.db")
}

// started runs a service on a database. It is stopped by stop, or dies with the test's crash.
func started(t *testing.T, path string, change func(*Config)) *running {
	t.Helper()
	s, err := store.OpenSQLite(path, zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)), time.Now)
	require.NoError(t, err)
	r := &running{t: t, observed: &observed{lost: map[string]int{}, alerted: map[alert.Outcome]int{}}, n: uint64(time.Now().UnixNano())}
	c := Config{
		Name: "trace_diff", Queries: []store.Query{android("q1")}, Defaults: StandardDefaults(), Limits: window.DefaultLimits(),
		Wait: 2 * time.Second, Retention: 24 * time.Hour, Store: s, Clock: time.Now, Logger: zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)), Observer: r.observed,
	}
	c.Defaults.Window, c.Defaults.Lateness = time.Minute, 5*time.Second
	if change != nil {
		change(&c)
	}
	r.Service, err = New(c)
	require.NoError(t, err)
	r.Start()
	t.Cleanup(func() { // a test that fails must not leave goroutines in its bubble
		if !r.ended {
			r.crash()
		}
	})
	return r
}

func (r *running) stop() {
	r.t.Helper()
	require.NoError(r.t, r.Shutdown(context.Background()))
}

// crash ends a service as SIGKILL does: nothing more is written, nobody says goodbye.
func (r *running) crash() {
	r.t.Helper()
	r.Service.mu.Lock()
	defer r.Service.mu.Unlock()
	r.ended = true
	r.Service.stop()
	r.Service.running.Wait()
	require.NoError(r.t, r.engine.Shutdown(context.Background()))
	require.NoError(r.t, r.store.Close())
}

// wait lets the bubble's time go by.
func wait(d time.Duration) { <-time.After(d) }

// until waits for the next time that is so far into a minute.
func until(into time.Duration) {
	now := time.Now()
	at := now.Truncate(time.Minute).Add(into)
	if !at.After(now) {
		at = at.Add(time.Minute)
	}
	wait(at.Sub(now))
}

// send sends traces of two spans, or of three, evenly over a time; each has a status code, in turn.
func (r *running) send(traces int, over time.Duration, statuses ...int64) {
	r.t.Helper()
	for i := range traces {
		td := ptrace.NewTraces()
		var id pcommon.TraceID
		r.n++
		binary.BigEndian.PutUint64(id[:], r.n*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(id[8:], r.n)
		services, extra := []string{"android", "backend"}, time.Duration(0)
		if r.added != "" {
			services, extra = append(services, r.added), 20*time.Millisecond
		}
		for n, service := range services {
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", service)
			if service == "backend" && r.version != "" {
				rs.Resource().Attributes().PutStr("service.version", r.version)
			}
			s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			s.SetTraceID(id)
			s.SetSpanID(pcommon.SpanID{byte(n + 1)})
			if n > 0 {
				s.SetParentSpanID(pcommon.SpanID{byte(n)})
			}
			s.SetName("GET /cart")
			now := time.Now()
			s.SetStartTimestamp(pcommon.NewTimestampFromTime(now))
			s.SetEndTimestamp(pcommon.NewTimestampFromTime(now.Add(extra + r.slower + time.Duration(10+i%7)*time.Millisecond)))
			s.Attributes().PutInt("http.status_code", statuses[i%len(statuses)])
		}
		require.NoError(r.t, r.Consume(td))
		wait(over / time.Duration(traces))
	}
}

// flagged lists the flagged changes of a kind and verdict: their values.
func flagged(d *store.Diff, kind snapshot.Kind, verdict compare.Verdict) (values []string) {
	for _, c := range d.Changes {
		if c.Flagged && c.Kind == kind && c.Verdict == verdict {
			values = append(values, c.Value)
		}
	}
	return values
}

// withoutNaN is a diff with -1 in place of numbers that are not known: NaN is equal to nothing, itself included.
func withoutNaN(d *store.Diff) *store.Diff {
	c := *d
	c.Changes, c.Causes = slices.Clone(d.Changes), slices.Clone(d.Causes)
	var all []*float64
	for i := range c.Changes {
		x := &c.Changes[i]
		all = append(all, &x.Effect, &x.Low, &x.High, &x.P, &x.Q)
	}
	for i := range c.Causes {
		all = append(all, &c.Causes[i].Share)
	}
	for _, v := range all {
		if math.IsNaN(*v) {
			*v = -1
		}
	}
	return &c
}

func oneSpan() ptrace.Traces {
	td := ptrace.NewTraces()
	td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetTraceID(pcommon.TraceID{1})
	return td
}
