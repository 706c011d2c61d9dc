package inspect

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

const instance = 7

// recording is what a generator has sent in a minute.
type recording struct {
	stream     *traffic.Stream
	batches    []ptrace.Traces
	begin, end time.Time
}

func record(t *testing.T) *recording {
	t.Helper()
	key, err := identity.NewKey("an entirely public secret")
	require.NoError(t, err)
	shop, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	r := &recording{}
	r.stream, err = traffic.NewStream(key, traffic.Config{Name: "ambient", Topology: shop, Rate: 10, Batches: 6, Reorder: 0.2})
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		r.begin = time.Now()
		g := generator.New(generator.Config{
			Instance: instance, Streams: []*traffic.Stream{r.stream}, Run: 1, Retry: generator.DefaultRetry(), Clock: time.Now,
			Send: func(_ context.Context, td ptrace.Traces) error {
				mu.Lock()
				defer mu.Unlock()
				kept := ptrace.NewTraces()
				td.CopyTo(kept)
				r.batches = append(r.batches, kept)
				return nil
			},
		})
		g.Start()
		time.Sleep(time.Minute) //nolint:forbidigo // the clock of the bubble
		require.NoError(t, g.Shutdown(t.Context()))
		r.end = time.Now()
	})
	return r
}

// change calls do with every span of a trace of the sentinel that is no manifest, and removes it where that says so.
func (r *recording) change(do func(id identity.TraceID, span ptrace.Span) (remove bool)) {
	for _, td := range r.batches {
		td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
			rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
				ss.Spans().RemoveIf(func(span ptrace.Span) bool {
					id, ours := r.stream.Key().Open(span.TraceID())
					return ours && !traffic.IsManifest(id) && do(id, span)
				})
				return ss.Spans().Len() == 0
			})
			return rs.ScopeSpans().Len() == 0
		})
	}
}

func (r *recording) inspect(t *testing.T) (*Summary, error) {
	t.Helper()
	at := len(r.batches)
	return File(t.Context(), FileConfig{
		Key: r.stream.Key(), Streams: []*traffic.Stream{r.stream}, Margin: DefaultMargin, MaxSpans: DefaultMaxSpans, Lens: backend.Lens{Resolution: 1},
	}, func() (ptrace.Traces, error) { // backwards: order does not matter
		if at--; at < 0 {
			return ptrace.Traces{}, io.EOF
		}
		return r.batches[at], nil
	})
}

func TestFile(t *testing.T) {
	r := record(t)
	s, err := r.inspect(t)
	require.NoError(t, err)
	assert.Equal(t, map[string]uint64{"delivered": s.Known}, s.Verdicts)
	assert.InDelta(t, 390, s.Known, 20)
	assert.Zero(t, s.Failing)
	assert.Empty(t, s.Findings)
}

func TestFileWithFaults(t *testing.T) {
	r := record(t)
	middle := traffic.SlotOf(r.begin.Add(30 * time.Second))
	first := true
	r.change(func(id identity.TraceID, span ptrace.Span) bool {
		if id.Slot != middle {
			return false
		}
		switch id.Sequence {
		case 1:
			return true
		case 2:
			span.SetName(span.Name() + "?")
		case 3:
			remove := first
			first = false
			return remove
		}
		return false
	})
	s, err := r.inspect(t)
	require.NoError(t, err)
	assert.Equal(t, uint64(3), s.Failing)
	for _, verdict := range []string{"missing", "corrupt", "incomplete"} {
		assert.Equal(t, uint64(1), s.Verdicts[verdict], verdict)
	}
	assert.Len(t, s.Findings, 3)
	for _, f := range s.Findings {
		assert.Equal(t, traffic.SlotStart(middle), f.At)
	}
}

func TestFileOfOthers(t *testing.T) {
	r := record(t)
	other, err := identity.NewKey("quite another public secret")
	require.NoError(t, err)
	stream, err := traffic.NewStream(other, r.stream.Config())
	require.NoError(t, err)
	r.stream = stream
	_, err = r.inspect(t)
	require.ErrorIs(t, err, ErrNone)
}

// stored is a backend with the traces of a recording.
type stored struct {
	traces map[pcommon.TraceID]ptrace.Traces
	down   bool
}

func (s *stored) Lens() backend.Lens { return backend.Lens{Resolution: 1} }

func (s *stored) Lookup(_ context.Context, q backend.Question) (backend.Answer, error) {
	if s.down {
		return backend.Answer{}, errors.New("status 503")
	}
	td, ok := s.traces[q.ID]
	return backend.Answer{Found: ok, Traces: td}, nil
}

func (r *recording) store() *stored {
	s := &stored{traces: map[pcommon.TraceID]ptrace.Traces{}}
	for _, td := range r.batches {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					to, ok := s.traces[span.TraceID()]
					if !ok {
						to = ptrace.NewTraces()
						s.traces[span.TraceID()] = to
					}
					f := file{bySlot: map[uint32]ptrace.Traces{0: to}}
					f.enter(0, rs, ss, span)
				}
			}
		}
	}
	return s
}

func (r *recording) lookUp(t *testing.T, s *stored) *Summary {
	t.Helper()
	out, err := Backend(t.Context(), BackendConfig{
		Key: r.stream.Key(), Streams: []*traffic.Stream{r.stream}, Instance: instance, Share: 1, From: r.begin.Add(10 * time.Second), To: r.begin.Add(40 * time.Second),
	}, s)
	require.NoError(t, err)
	return out
}

func TestBackend(t *testing.T) {
	r := record(t)
	s := r.store()
	out := r.lookUp(t, s)
	assert.Equal(t, map[string]uint64{"delivered": 300}, out.Verdicts)
	for id := range s.traces {
		if one, _ := r.stream.Key().Open(id); !traffic.IsManifest(one) && one.Slot == traffic.SlotOf(r.begin.Add(20*time.Second)) {
			delete(s.traces, id)
		}
	}
	assert.Equal(t, map[string]uint64{"delivered": 290, "missing": 10}, r.lookUp(t, s).Verdicts)
	s.down = true
	out = r.lookUp(t, s)
	assert.Zero(t, out.Known, "what was not answered is not known")
	assert.Positive(t, out.Failed)
	assert.Equal(t, "status 503", out.Problem)
}

// What is remembered grows with the time that is judged, up to a limit.
func TestTracesOf(t *testing.T) {
	r := record(t)
	assert.Equal(t, verify.DefaultMaxTraces+3*(10+1), tracesOf([]*traffic.Stream{r.stream}, 5, 7, 1))
	c := r.stream.Config()
	c.Rate = 1_000_000
	fast, err := traffic.NewStream(r.stream.Key(), c)
	require.NoError(t, err)
	assert.Greater(t, tracesOf([]*traffic.Stream{fast}, 5, 7, 2), 6_000_000)
	assert.Equal(t, mostTraces, tracesOf([]*traffic.Stream{fast}, 0, 1<<32-1, 1))
}
