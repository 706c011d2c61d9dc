package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// FileConfig says how a file is judged.
type FileConfig struct {
	Key      *identity.Key
	Streams  []*traffic.Stream
	Sampler  verify.Sampler // in front of the file, or nil
	Lens     backend.Lens
	Margin   time.Duration // at the beginning and the end, where traces may be cut, nothing is judged
	MaxSpans int           // of the sentinel, that are held
}

// DefaultMargin is as long as a manifest may be away that tells of a slot.
const DefaultMargin = 10 * time.Second

// DefaultMaxSpans is some 2 GiB.
const DefaultMaxSpans = 4_000_000

// limits of the virtual time
const (
	lateAfter = 30 * time.Second
	lostAfter = 60 * time.Second
	step      = time.Second
	longest   = 7 * 24 * time.Hour // from the first slot to the last
)

// ErrNone is that there is nothing to judge.
var ErrNone = errors.New("no span of the sentinel; are key and time right?")

// File judges what next returns, until io.EOF.
func File(ctx context.Context, c FileConfig, next func() (ptrace.Traces, error)) (*Summary, error) {
	f := &file{config: c, bySlot: map[uint32]ptrace.Traces{}, instances: map[uint16]struct{}{}}
	for ctx.Err() == nil {
		td, err := next()
		if errors.Is(err, io.EOF) {
			return f.judge(ctx)
		}
		if err != nil {
			return nil, err
		}
		if err := f.add(td); err != nil {
			return nil, err
		}
	}
	return nil, ctx.Err()
}

// file holds the sentinel's spans of a file.
type file struct {
	config      FileConfig
	bySlot      map[uint32]ptrace.Traces
	first, last uint32
	held        int
	foreign     uint64
	instances   map[uint16]struct{}
}

func (f *file) add(td ptrace.Traces) error {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				id, ours := f.config.Key.Open(span.TraceID())
				if !ours {
					f.foreign++
					continue
				}
				if f.held++; f.held > f.config.MaxSpans {
					return fmt.Errorf("more than %d spans of the sentinel: cut the file, or raise --max-spans", f.config.MaxSpans)
				}
				f.instances[id.Instance] = struct{}{}
				f.enter(id.Slot, rs, ss, span)
			}
		}
	}
	return nil
}

func (f *file) enter(slot uint32, rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) {
	if f.held == 1 || slot < f.first {
		f.first = slot
	}
	f.last = max(f.last, slot)
	to, ok := f.bySlot[slot]
	if !ok {
		to = ptrace.NewTraces()
		f.bySlot[slot] = to
	}
	r := to.ResourceSpans().AppendEmpty()
	rs.Resource().CopyTo(r.Resource())
	r.SetSchemaUrl(rs.SchemaUrl())
	s := r.ScopeSpans().AppendEmpty()
	ss.Scope().CopyTo(s.Scope())
	s.SetSchemaUrl(ss.SchemaUrl())
	span.CopyTo(s.Spans().AppendEmpty())
}

// judge lets time pass from slot to slot.
func (f *file) judge(ctx context.Context) (*Summary, error) {
	if f.held == 0 {
		return nil, ErrNone
	}
	first, last := traffic.SlotStart(f.first), traffic.SlotStart(f.last)
	if last.Sub(first) > longest {
		return nil, fmt.Errorf("from the first trace of the sentinel (%s) to the last (%s) is more than %v: judge it in parts", first.UTC(), last.UTC(), longest)
	}
	out := newSummary(first.Add(f.config.Margin), last.Add(-f.config.Margin))
	if !out.From.Before(out.To) {
		return nil, fmt.Errorf("the sentinel's traces are of %v, which is not more than twice the margin (%v)", last.Sub(first)+step, f.config.Margin)
	}
	out.Spans, out.Foreign = uint64(f.held), f.foreign
	at := clock{begin: first.Add(-2 * step), now: first.Add(-2 * step)}
	v, err := verify.New(verify.Config{
		Key: f.config.Key, Streams: f.config.Streams, Sampler: f.config.Sampler, Lens: f.config.Lens, LateAfter: lateAfter, LostAfter: lostAfter,
		MaxTraces: tracesOf(f.config.Streams, f.first, f.last, len(f.instances)), Report: out.take,
	}, at.instant())
	if err != nil {
		return nil, err
	}
	for end := last.Add(2*lostAfter + 10*step); at.now.Before(end) && ctx.Err() == nil; at.now = at.now.Add(step) {
		slot := traffic.SlotOf(at.now) - 1 // all of it has left by now
		if td, ok := f.bySlot[slot]; ok {
			v.Observe(at.instant(), td)
			delete(f.bySlot, slot)
		}
		v.Advance(at.instant())
	}
	return out, ctx.Err()
}

// mostTraces is some 1.3 GiB.
const mostTraces = 1 << 25

// tracesOf is how many traces a verifier must remember at a time: at most all that were sent from one slot to another.
func tracesOf(streams []*traffic.Stream, first, last uint32, instances int) int {
	n := verify.DefaultMaxTraces
	for slot := uint64(first); slot <= uint64(last) && n < mostTraces; slot++ {
		for _, s := range streams {
			n += instances * (int(s.Count(uint32(slot))) + 1)
		}
	}
	return min(n, mostTraces)
}
