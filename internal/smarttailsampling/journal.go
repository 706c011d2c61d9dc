package smarttailsampling

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/journal"
	"github.com/assayhq/assay/internal/smarttailsampling/internal/metadata"
	"github.com/assayhq/assay/internal/tailsampling"
)

const minJournalMiB = 16

func (c *JournalConfig) check(p *configerrors.List) {
	switch {
	case c.Directory == "":
		p.Add("journal::directory: must be set, such as /var/lib/otelcol-assay/journal")
	case !filepath.IsAbs(c.Directory):
		p.Add("journal::directory: must be an absolute path, got %q: what it is relative to changes with how the collector is started", c.Directory)
	}
	if c.MaxMiB < minJournalMiB || c.MaxMiB > maxMemoryMiB {
		p.Add("journal::max_mib: must be between %d and %d, got %d", minJournalMiB, maxMemoryMiB, c.MaxMiB)
	}
}

// openJournal opens the journal for the engine.
func (s *Sampler) openJournal() error {
	c := s.config.Journal.Get()
	j, err := journal.Open(journal.Options{Directory: c.Directory, MaxBytes: c.MaxMiB << 20, Sync: c.Fsync})
	if err != nil {
		return fmt.Errorf("journal::directory: %w", err)
	}
	logger := s.logger.With(zap.String("directory", c.Directory))
	s.engine.UseJournal(j, tailsampling.JournalObserver{
		Recovered: func(r tailsampling.Recovery) { logRecovery(logger, r) },
		Changed: func(err error) {
			s.health.journal(err)
			logJournal(logger, err)
		},
	})
	return nil
}

func logJournal(logger *zap.Logger, err error) {
	if err != nil {
		logger.Error("The journal cannot be written to: what comes now is in memory only, and is lost if the collector is killed. "+
			"It is tried again every few seconds", zap.Error(err))
		return
	}
	logger.Info("The journal is written to again, and holds all traces that are undecided or not yet sent")
}

func logRecovery(logger *zap.Logger, r tailsampling.Recovery) {
	logger = logger.With(zap.Int("traces", r.Traces), zap.Int("spans", r.Spans), zap.Duration("took", r.Took.Round(time.Millisecond)))
	if r.DamagedRecords > 0 {
		logger.Warn("The journal is damaged, or was cut off while it was written to. All else that it holds was taken in",
			zap.Int("damaged_records", r.DamagedRecords), zap.Int("damaged_spans", r.DamagedSpans))
		return
	}
	logger.Info("What the journal holds was taken in")
}

// logLeft says what stays in the journal at the end.
func (s *Sampler) logLeft() {
	if n := s.engine.Stats().Journal.Stays; n > 0 {
		s.logger.Warn("Kept spans that could not be sent stay in the journal. They are decided again at the next start", zap.Int64("spans", n))
	}
}

// registerJournal registers what is read of the journal; nothing of it is there without one.
func (w gaugeWatch) registerJournal(b *metadata.TelemetryBuilder) error {
	count := func(of func(*tailsampling.JournalStats) int64) metric.Int64Callback {
		return func(_ context.Context, o metric.Int64Observer) error {
			if s := w.engine.Stats().Journal; s.State != tailsampling.JournalOff {
				o.Observe(of(&s))
			}
			return nil
		}
	}
	return errors.Join(
		b.RegisterProcessorSmartTailSamplingJournalBytesCallback(count(func(s *tailsampling.JournalStats) int64 { return s.Bytes })),
		b.RegisterProcessorSmartTailSamplingJournalLiveBytesCallback(count(func(s *tailsampling.JournalStats) int64 { return s.Live })),
		b.RegisterProcessorSmartTailSamplingJournalUpCallback(count(func(s *tailsampling.JournalStats) int64 {
			if s.State == tailsampling.JournalWhole {
				return 1
			}
			return 0
		})),
		b.RegisterProcessorSmartTailSamplingJournalRecoveredSpansCallback(count(func(s *tailsampling.JournalStats) int64 {
			return int64(s.Recovery.Spans)
		})),
		b.RegisterProcessorSmartTailSamplingJournalDamagedRecordsCallback(count(func(s *tailsampling.JournalStats) int64 {
			return int64(s.Recovery.DamagedRecords)
		})),
		b.RegisterProcessorSmartTailSamplingJournalDamagedSpansCallback(count(func(s *tailsampling.JournalStats) int64 {
			return int64(s.Recovery.DamagedSpans)
		})),
	)
}
