package inprocess

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/assayhq/assay/bench/process"
	"github.com/assayhq/assay/bench/subject"
)

// fill has a processor with a journal take in spans, and kills this process.
func (c Case) fill(ctx context.Context) (Figures, error) {
	s, err := subject.Start(ctx, subject.Journaled, c.options(usualFlow), &subject.Sink{})
	if err != nil {
		return nil, err
	}
	f, err := startFeed(ctx, s, 0, c.Spans)
	if err != nil {
		return nil, err
	}
	if err := f.wait(); err != nil {
		return nil, err
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return nil, err
	}
	if err := self.Signal(syscall.SIGKILL); err != nil {
		return nil, err
	}
	select {}
}

// recover measures how long a start takes that finds what fill has left.
func (c Case) recover(ctx context.Context) (Figures, error) {
	files, err := filepath.Glob(filepath.Join(c.Journal, "*.segment"))
	if err != nil {
		return nil, err
	}
	var bytes int64
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			return nil, err
		}
		bytes += info.Size()
	}
	before, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	s, err := subject.Start(ctx, subject.Journaled, c.options(usualFlow), &subject.Sink{})
	if err != nil {
		return nil, err
	}
	after, err := process.ReadUsage()
	if err != nil {
		return nil, err
	}
	spans, err := s.Gauge(ctx, "otelcol_processor_smart_tail_sampling_buffered_spans")
	if err != nil {
		return nil, err
	}
	figures := Figures{
		RecoverySeconds: after.Wall.Sub(before.Wall).Seconds(),
		RecoveryCPU:     float64(after.CPU-before.CPU) / float64(time.Second),
		RecoveredSpans:  spans,
		JournalPerSpan:  float64(bytes) / spans,
	}
	return figures, s.Shutdown(ctx)
}
