package inprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/bench/process"
	"github.com/assayhq/assay/bench/subject"
)

// memoryState is what the process holds after all garbage is gone and freed pages are back with the system.
type memoryState struct{ resident, peak, heap int64 }

func readMemory() (memoryState, error) {
	runtime.GC()
	runtime.GC() // what finalizers and pools let go of
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	resident, peak, err := process.Resident("self")
	return memoryState{resident: resident, peak: peak, heap: int64(m.HeapAlloc)}, err
}

// held measures what buffered spans take: resident memory, in which memory outside the Go heap counts as well, and the live
// Go heap, each above what it was before the first span.
func (c Case) held(ctx context.Context) (figures Figures, err error) {
	var sink subject.Sink
	s, err := subject.Start(ctx, c.Subject, c.options(usualFlow), &sink)
	if err != nil {
		return nil, err
	}
	fill := c.fillRequests
	if c.Data != "" {
		fill = c.fillRecorded
	}
	figures, err = fill(ctx, s)
	if err == nil && sink.Spans() > 0 {
		err = fmt.Errorf("%s: %d spans were decided while the buffer was filled; a longer hold is needed", c.Name(), sink.Spans())
	}
	if err == nil {
		err = s.CheckLosses(ctx)
	}
	if stopped := s.Shutdown(ctx); err == nil {
		err = stopped
	}
	return figures, err
}

// fillRequests sends the spans. The first request of the feed comes before the first reading, so that what is made once
// is not counted.
func (c Case) fillRequests(ctx context.Context, s *subject.Subject) (Figures, error) {
	first, err := startFeed(ctx, s, 0, producers*spansPerTrace*100)
	if err != nil {
		return nil, err
	}
	if err = first.wait(); err != nil {
		return nil, err
	}
	before, err := readMemory()
	if err != nil {
		return nil, err
	}
	f, err := startFeed(ctx, s, 0, c.Spans)
	if err != nil {
		return nil, err
	}
	if err = f.wait(); err != nil {
		return nil, err
	}
	return since(before, f.spans.Load())
}

// fillRecorded sends recorded traces, one of their batches at a time.
func (c Case) fillRecorded(ctx context.Context, s *subject.Subject) (Figures, error) {
	r, err := openConverted(c.Data)
	if err != nil {
		return nil, err
	}
	defer r.close()
	before, err := readMemory()
	if err != nil {
		return nil, err
	}
	spans := int64(0)
	for {
		body, err := r.next()
		if errors.Is(err, io.EOF) {
			return since(before, spans)
		}
		if err != nil {
			return nil, err
		}
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
		if err != nil {
			return nil, fmt.Errorf("recorded batch: %w", err)
		}
		n := int64(td.SpanCount())
		if err = s.ConsumeTraces(ctx, td); err != nil {
			return nil, fmt.Errorf("a recorded batch was refused after %d spans: %w", spans, err)
		}
		spans += n
	}
}

func since(before memoryState, spans int64) (Figures, error) {
	after, err := readMemory()
	if err != nil {
		return nil, err
	}
	if spans == 0 {
		return nil, errors.New("no spans were held")
	}
	per := func(bytes int64) float64 { return float64(bytes) / float64(spans) }
	return Figures{
		ResidentPerSpan: per(after.resident - before.resident),
		HeapPerSpan:     per(after.heap - before.heap),
		PeakPerSpan:     per(after.peak - before.resident),
		SpansHeld:       float64(spans),
	}, nil
}
