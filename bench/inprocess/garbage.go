package inprocess

import (
	"context"
	"time"

	"github.com/assayhq/assay/bench/process"
	"github.com/assayhq/assay/bench/subject"
	"github.com/assayhq/assay/bench/workload"
)

// garbage measures the garbage collector while Rate times Hold spans are held: they come at a constant rate, are decided
// after Hold, and the window begins when as many leave as come.
func (c Case) garbage(ctx context.Context) (figures Figures, err error) {
	var sink subject.Sink
	s, err := subject.Start(ctx, c.Subject, c.options(c.Rate), &sink)
	if err != nil {
		return nil, err
	}
	f, err := startFeed(ctx, s, c.Rate, 0)
	if err != nil {
		return nil, err
	}
	if workload.Pause(ctx, c.Warm) {
		figures, err = c.watch(ctx, f)
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

func (c Case) watch(ctx context.Context, f *feed) (Figures, error) {
	before, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	spans := f.spans.Load()
	stopProfile, err := c.startProfile()
	if err != nil {
		return nil, err
	}
	windowCtx, cancel := context.WithTimeout(ctx, 4*c.Window)
	defer cancel()
	gc, err := process.WatchCollections(windowCtx, c.Window)
	if err != nil {
		return nil, err
	}
	after, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	n := float64(f.spans.Load() - spans)
	wall := after.Wall.Sub(before.Wall).Seconds()
	percent := func(part, of time.Duration) float64 { return 100 * float64(part) / float64(of) }
	return Figures{
		GCOfUsed:       percent(gc.CPU, gc.Used),
		GCOfAll:        percent(gc.CPU, gc.Has),
		GCLongStop:     float64(gc.LongStop) / float64(time.Millisecond),
		GCStops:        float64(gc.Stops) / float64(time.Millisecond) / (gc.Has.Seconds() / float64(c.Procs)),
		GCCycles:       float64(gc.Cycles),
		SpansPerSecond: n / wall,
		SpansHeld:      n / wall * c.Hold.Seconds(),
		CPUPerSpan:     float64(after.CPU-before.CPU) / float64(time.Microsecond) / n,
	}, stopProfile()
}
