package watch

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

const (
	lateAfter = 5 * time.Second
	lostAfter = 15 * time.Second
	instance  = 7
)

func testKey(t *testing.T) *identity.Key {
	t.Helper()
	key, err := identity.NewKey("an entirely public secret")
	require.NoError(t, err)
	return key
}

// witness notes what a watch tells.
type witness struct {
	mu      sync.Mutex
	changes []State
	results []alertcycle.Result
	beats   int
}

func (w *witness) Judged(string, *verify.Judgement) {}
func (w *witness) Looked(string, error)             {}

func (w *witness) Changed(_ State, to *Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes = append(w.changes, to.State)
}

func (w *witness) Alerted(_ string, r alertcycle.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.results = append(w.results, r)
}

func (w *witness) beaten() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.beats
}

func (w *witness) Beat(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.beats++
	}
}

// notebook is a memory that can be broken.
type notebook struct {
	mu      sync.Mutex
	text    []byte
	load    error
	full    bool
	written int
}

func (n *notebook) Load(context.Context) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text, n.load
}

func (n *notebook) Save(_ context.Context, text []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.full {
		return errors.New("no space left on device")
	}
	n.text, n.written = text, n.written+1
	return nil
}

// store is a backend that keeps what a pipeline hands it.
type store struct {
	mu     sync.Mutex
	down   bool
	traces map[pcommon.TraceID]ptrace.Traces
	// sampler says whether a span is kept, and may mark it; nil: all are.
	sampler func(ptrace.Span) bool
}

func newStore() *store { return &store{traces: map[pcommon.TraceID]ptrace.Traces{}} }

func (s *store) Lens() backend.Lens { return backend.Lens{Resolution: time.Nanosecond} }

func (s *store) Lookup(_ context.Context, q backend.Question) (backend.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return backend.Answer{}, errors.New("status 503")
	}
	answer := ptrace.NewTraces()
	td, ok := s.traces[q.ID]
	if ok {
		td.CopyTo(answer) // spans may be added while the answer is read
	}
	return backend.Answer{Found: ok, Traces: answer}, nil
}

func (s *store) put(td ptrace.Traces) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, arrived := range ss.Spans().All() {
				span := ptrace.NewSpan()
				arrived.CopyTo(span)
				if s.sampler != nil && !s.sampler(span) {
					continue
				}
				to, ok := s.traces[span.TraceID()]
				if !ok {
					to = ptrace.NewTraces()
					s.traces[span.TraceID()] = to
				}
				r := to.ResourceSpans().AppendEmpty()
				rs.Resource().CopyTo(r.Resource())
				r.SetSchemaUrl(rs.SchemaUrl())
				sc := r.ScopeSpans().AppendEmpty()
				ss.Scope().CopyTo(sc.Scope())
				sc.SetSchemaUrl(ss.SchemaUrl())
				span.CopyTo(sc.Spans().AppendEmpty())
			}
		}
	}
}

// behind puts it behind another sampler.
func (s *store) behind(sampler func(ptrace.Span) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sampler = sampler
}

func (s *store) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// pipeline carries spans from a generator to a judge and a store, unless it is broken. It belongs into a synctest bubble.
type pipeline struct {
	*Watch
	t         *testing.T
	witness   *witness
	logs      *observer.ObservedLogs
	judge     vantage.Judge
	generator *generator.Generator
	store     *store
	ledger    vantage.Ledger
	place     vantage.Place                                       // of the judge
	between   func(td ptrace.Traces, deliver func(ptrace.Traces)) // what lies before the judge and the store; nil: nothing

	mu     sync.Mutex
	broken bool
}

func (p *pipeline) consume(_ context.Context, td ptrace.Traces) error {
	p.mu.Lock()
	broken, between, store := p.broken, p.between, p.store
	p.mu.Unlock()
	if broken {
		return nil
	}
	if between != nil {
		between(td, p.judge.Observe)
	} else {
		p.judge.Observe(td)
	}
	if store != nil {
		store.put(td)
	}
	return nil
}

// put changes what lies in between while it runs.
func (p *pipeline) put(between func(td ptrace.Traces, deliver func(ptrace.Traces))) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.between = between
}

func (p *pipeline) setBroken(broken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = broken
}

// told hands manifests on.
type told struct{ vantage.Ledger }

func (told) Begin(ctx context.Context) context.Context        { return ctx }
func (told) End(context.Context, *traffic.Stream, int, error) {}
func (o told) Told(s *traffic.Stream, m *traffic.Manifest)    { o.Ledger.Told(s, m) }
func testStream(t *testing.T, change func(*traffic.Config)) vantage.Stream {
	t.Helper()
	shop, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	c := traffic.Config{Name: "ambient", Topology: shop, Rate: 10, Batches: 6, Reorder: 0.2}
	if change != nil {
		change(&c)
	}
	s, err := traffic.NewStream(testKey(t), c)
	require.NoError(t, err)
	return vantage.Stream{Stream: s}
}

// watching makes and starts a watch.
func watching(t *testing.T, change func(*Config)) *pipeline {
	t.Helper()
	core, logs := observer.New(zapcore.InfoLevel)
	p := &pipeline{t: t, witness: &witness{}, logs: logs}
	c := Config{
		Name: "sentinel", Key: testKey(t), Instance: instance, LateAfter: lateAfter, LostAfter: lostAfter, Objectives: slo.Default(),
		Observer: p.witness, Logger: zap.New(core),
	}
	c.Objectives.P99 = lateAfter
	if change != nil {
		change(&c)
	}
	var err error
	p.Watch, err = New(c)
	require.NoError(t, err)
	p.Watch.Start()
	t.Cleanup(p.end)
	return p
}

// sending lets streams run through a pipeline.
func (p *pipeline) sending(streams ...vantage.Stream) *pipeline {
	p.t.Helper()
	var err error
	p.judge, err = p.Attach(component.MustNewID("sentinel"), p.place)
	require.NoError(p.t, err)
	p.ledger, err = p.Announce(component.MustNewID("sentinel"), streams)
	require.NoError(p.t, err)
	g := generator.Config{Instance: instance, Run: 1, Retry: generator.DefaultRetry(), Send: p.consume, Observer: told{p.ledger}, Clock: time.Now}
	for _, s := range streams {
		g.Streams = append(g.Streams, s.Stream)
	}
	p.generator = generator.New(g)
	p.generator.Start()
	return p
}

// end ends everything in the order of a collector. It may be called twice.
func (p *pipeline) end() {
	p.t.Helper()
	p.End()
	if p.generator != nil {
		require.NoError(p.t, p.generator.Shutdown(context.Background()))
		p.ledger.Close()
		p.judge.Close()
	}
	p.Shutdown(context.Background())
	p.Shutdown(context.Background())
}

// until waits until the verdict is a state, and says how long that took.
func (p *pipeline) until(s State, most time.Duration) time.Duration {
	p.t.Helper()
	begin := time.Now()
	for p.State() != s {
		require.Lessf(p.t, time.Since(begin), most, "the verdict is %s, not %s: %v", p.State(), s, p.Report().Reasons)
		pass(beat)
	}
	return time.Since(begin)
}

// pass lets time pass in a bubble of synctest.
func pass(d time.Duration) { time.Sleep(d) } //nolint:forbidigo // no time passes outside
