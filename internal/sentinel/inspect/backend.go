package inspect

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// BackendConfig says which traces are looked up.
type BackendConfig struct {
	Key      *identity.Key
	Streams  []*traffic.Stream
	Instance uint16
	Sampler  verify.Sampler // in front of the backend, or nil
	Share    float64        // of the traces
	From, To time.Time
}

// Backend judges what a backend has of the time from From to To, which must be over.
func Backend(ctx context.Context, c BackendConfig, b backend.Backend) (*Summary, error) {
	from, to := traffic.SlotStart(traffic.SlotOf(c.From)), traffic.SlotStart(traffic.SlotOf(c.To))
	if !from.Before(to) || to.Sub(from) > longest {
		return nil, fmt.Errorf("the time to judge must be more than a second and at most %v, got %v", longest, to.Sub(from))
	}
	out := newSummary(from, to)
	at := clock{begin: from.Add(-2 * step), now: from.Add(-2 * step)}
	v, err := verify.New(verify.Config{
		Key: c.Key, Streams: c.Streams, Instances: map[uint16]string{c.Instance: ""}, Sampler: c.Sampler, Lens: b.Lens(), Lookup: c.Share,
		LateAfter: lateAfter, LostAfter: lostAfter, MaxTraces: tracesOf(c.Streams, traffic.SlotOf(from), traffic.SlotOf(to), 1), Report: out.take,
	}, at.instant())
	if err != nil {
		return nil, err
	}
	i := &inspection{config: c, backend: b, verifier: v, clock: &at, out: out}
	for end := to.Add(2*lostAfter + 10*step); at.now.Before(end); at.now = at.now.Add(step) {
		if err := i.second(ctx, to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type inspection struct {
	config   BackendConfig
	backend  backend.Backend
	verifier *verify.Verifier
	clock    *clock
	out      *Summary
}

// second lets a second pass: its manifests are looked up, and the traces that are due.
func (i *inspection) second(ctx context.Context, to time.Time) error {
	slot := traffic.SlotOf(i.clock.now) - 1
	for _, s := range i.config.Streams {
		if traffic.SlotStart(slot).After(to.Add(DefaultMargin)) {
			break // later manifests tell nothing of the time that is judged
		}
		answer, err := i.lookup(ctx, backend.Question{
			ID:   sealed(i.config.Key, i.config.Instance, s.Config().Number, slot),
			From: traffic.SlotStart(slot).Add(-time.Hour), To: traffic.SlotStart(slot + 1).Add(time.Hour),
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && answer.Found {
			i.manifest(answer.Traces)
		}
		answer.Done()
	}
	i.verifier.Advance(i.clock.instant())
	for _, q := range i.verifier.Questions(i.clock.instant(), 1<<20) {
		if !traffic.SlotStart(q.Trace.Slot).Before(to) {
			i.verifier.Answer(i.clock.instant(), q, backend.Answer{}, nil) // it is not judged
			continue
		}
		answer, err := i.lookup(ctx, q.Question)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		i.verifier.Answer(i.clock.instant(), q, answer, err)
		answer.Done()
	}
	return nil
}

func (i *inspection) lookup(ctx context.Context, q backend.Question) (backend.Answer, error) {
	answer, err := i.backend.Lookup(ctx, q)
	if err != nil && ctx.Err() == nil {
		i.out.Failed++
		i.out.Problem = err.Error()
	}
	if err == nil && answer.Found {
		i.out.Spans += uint64(answer.Traces.SpanCount())
	}
	return answer, err
}

// manifest hands on what a stored manifest tells.
func (i *inspection) manifest(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				id, ours := i.config.Key.Open(span.TraceID())
				if !ours || !traffic.IsManifest(id) {
					continue
				}
				if m, err := traffic.ReadManifest(i.config.Key, id, span); err == nil {
					i.verifier.Told(i.clock.instant(), m)
				}
			}
		}
	}
}
