package inprocess

import (
	"context"
	"time"

	"github.com/assayhq/assay/bench/process"
	"github.com/assayhq/assay/bench/subject"
	"github.com/assayhq/assay/bench/workload"
)

// usualFlow is what tail_sampling is told to expect where nothing paces the input, in spans/s.
const usualFlow = 200_000

// flow measures a processor in its steady state: traces are decided and handed on at the rate at which they come in.
func (c Case) flow(ctx context.Context) (figures Figures, err error) {
	var sink subject.Sink
	s, err := subject.Start(ctx, c.Subject, c.options(usualFlow), &sink)
	if err != nil {
		return nil, err
	}
	f, err := startFeed(ctx, s, c.Rate, 0)
	if err != nil {
		return nil, err
	}
	if workload.Pause(ctx, c.Warm) {
		figures, err = c.window(ctx, f, &sink)
	}
	if ended := f.end(); err == nil {
		err = ended
	}
	if err == nil {
		err = s.CheckLosses(ctx)
	}
	if stopped := s.Shutdown(ctx); err == nil {
		err = stopped
	}
	return figures, err
}

func (c Case) window(ctx context.Context, f *feed, sink *subject.Sink) (Figures, error) {
	stopProfile, err := c.startProfile()
	if err != nil {
		return nil, err
	}
	before, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	in, out := f.spans.Load(), sink.Spans()
	workload.Pause(ctx, c.Window)
	after, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	spans := float64(f.spans.Load() - in)
	figures := Figures{
		CPUPerSpan:     float64(after.CPU-before.CPU) / float64(time.Microsecond) / spans,
		ObjectsPerSpan: float64(after.Objects-before.Objects) / spans,
		BytesPerSpan:   float64(after.Bytes-before.Bytes) / spans,
		SpansPerSecond: spans / after.Wall.Sub(before.Wall).Seconds(),
		KeptPercent:    100 * float64(sink.Spans()-out) / spans,
	}
	return figures, stopProfile()
}
