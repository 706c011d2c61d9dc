package tailsampling

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/traceassembly"
	"github.com/assayhq/assay/internal/tracebuffer"
	"github.com/assayhq/assay/internal/tracesketch"
)

// ErrFull is returned by Consume while the memory limit leaves no room. The caller may try again.
var ErrFull = errors.New("smart_tail_sampling: memory limit reached and the next consumer does not keep up; try again")

// ErrShutdown is returned by Consume after Shutdown. The caller may try again, elsewhere.
var ErrShutdown = errors.New("smart_tail_sampling: shutting down")

// intake takes spans in: it finds the trace, the operation and the rule of each, and appends it to the buffer. Its surface is consume
// and close.
type intake struct {
	*assembly
	operations operations
	batches    sync.Pool
	sizer      ptrace.ProtoMarshaler
	whole      WholeMatcher // nil without rules on the whole trace

	mu     sync.RWMutex // held for reading by consume, for writing to close
	closed bool         // guarded by mu
}

func newIntake(a *assembly) *intake {
	cfg := a.cfg
	in := &intake{
		assembly:   a,
		operations: operations{names: map[tracesketch.Operation]OperationName{}, limit: 2 * cfg.Paths.Max, room: cfg.MemoryLimit / reportShare},
		batches: sync.Pool{New: func() any {
			return &batch{Batch: traceassembly.NewBatch[spanRef](cfg.Shards)}
		}},
	}
	for i := range cfg.Rules {
		if cfg.Rules[i].Whole != nil {
			in.whole, _ = cfg.Matcher.(WholeMatcher)
		}
	}
	return in
}

// spanRef locates a span in the batch.
type spanRef struct {
	span     ptrace.Span
	resource int32 // index of its group in the batch
	scope    int32
	rule     int16
	whole    uint64 // rules on the whole trace, see WholeMatcher
}

// batch is the scratch of one Consume.
type batch struct {
	traceassembly.Batch[spanRef]
	resources []tracebuffer.Group
	scopes    []tracebuffer.Group
	sources   []source
	refs      []tracebuffer.Ref
	scopeRefs []tracebuffer.Ref
	set       []uint32 // for which visit a ref is valid
	scopeSet  []uint32
	visit     uint32
	raw       string  // tracestate of the span before
	state     sampled // what it says
	excerpt   tracebuffer.Excerpt
	records   []byte // for the journal
	arrival   int64  // Unix ns
	found     *found // in the journal; nil for what has just come
}

// close refuses all batches from now on, when those on their way have been taken in.
func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
}

// consume takes in a batch. It keeps nothing of td. It returns nil only for what it has taken in.
func (in *intake) consume(ctx context.Context, td ptrace.Traces) error {
	if td.SpanCount() == 0 {
		return nil
	}
	if err := in.memory.wait(ctx); err != nil {
		in.observer.Refused(td.SpanCount())
		return err
	}
	in.mu.RLock() // close waits for batches on their way
	defer in.mu.RUnlock()
	if in.closed {
		in.observer.Refused(td.SpanCount())
		return ErrShutdown
	}
	b := in.batches.Get().(*batch)
	defer in.putBatch(b)
	in.split(b, td)
	now := in.clock.Now()
	if in.ledger != nil {
		b.arrival = in.clock.Wall().UnixNano()
	}
	in.admit(b, now)
	if len(b.records) > 0 && !in.ledger.append(b.records) {
		in.unwritten(b)
	}
	return nil
}

// admit puts the spans of a batch into their traces.
func (in *intake) admit(b *batch, now time.Duration) {
	for i, s := range in.shards {
		if refs := b.Of(i); len(refs) > 0 {
			if late := in.consumeShard(s, b, refs, now); late > 0 {
				in.observer.Late(false, late)
			}
		}
	}
}

// split finds the shard, the groups and the rule of every span.
func (in *intake) split(b *batch, td ptrace.Traces) {
	invalid := 0
	var last pcommon.TraceID
	at := 0
	for i := range td.ResourceSpans().Len() {
		rs := td.ResourceSpans().At(i)
		resource := int32(len(b.sources))
		b.sources = append(b.sources, in.newSource(rs.Resource().Attributes()))
		grow(&b.resources, len(b.sources))
		b.resources[resource].SetResource(rs)
		for j := range rs.ScopeSpans().Len() {
			ss := rs.ScopeSpans().At(j)
			grow(&b.scopes, len(b.scopes)+1)
			scope := int32(len(b.scopes) - 1)
			b.scopes[scope].SetScope(ss)
			for k := range ss.Spans().Len() {
				span := ss.Spans().At(k)
				id := span.TraceID()
				if id.IsEmpty() && !in.cfg.DryRun { // a dry run forwards everything
					invalid++
					continue
				}
				rule, whole := noRule, uint64(0)
				if in.cfg.Matcher != nil {
					rule = int16(in.cfg.Matcher.Match(rs, ss, span))
					if in.whole != nil {
						whole = in.whole.MatchWhole(rs, ss, span)
					}
				}
				if id != last || len(b.Spans) == 0 {
					last, at = id, in.shardOf(id)
				}
				b.Add(at, spanRef{span: span, resource: resource, scope: scope, rule: rule, whole: whole})
			}
		}
	}
	if invalid > 0 {
		in.observer.Lost(LostInvalidTraceID, invalid)
	}
	b.refs = resized(b.refs, len(b.sources))
	b.set = resized(b.set, len(b.sources))
	b.scopeRefs = resized(b.scopeRefs, len(b.scopes))
	b.scopeSet = resized(b.scopeSet, len(b.scopes))
}

func (in *intake) putBatch(b *batch) {
	b.Reset() // no pdata is kept
	b.raw, b.found = "", nil
	if b.records = b.records[:0]; cap(b.records) > keepRecords {
		b.records = nil
	}
	clear(b.sources)
	b.sources, b.resources, b.scopes = b.sources[:0], b.resources[:0], b.scopes[:0]
	in.batches.Put(b)
}

// grow extends s to n elements, and keeps what the new ones hold: Groups reuse their memory.
func grow[T any](s *[]T, n int) {
	for cap(*s) < n {
		*s = append((*s)[:cap(*s)], *new(T))
	}
	*s = (*s)[:n]
}

func resized[T any](s []T, n int) []T {
	grow(&s, n)
	return s
}
