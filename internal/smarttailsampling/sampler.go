package smarttailsampling

import (
	"context"
	"errors"
	"os"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/tracemetrics"
	"github.com/assayhq/assay/internal/tracesketch"
)

// Sampler is an engine in a pipeline.
type Sampler struct {
	engine    *tailsampling.Engine
	telemetry *telemetry
	logger    *zap.Logger
	config    *Config
	rules     []tailsampling.Rule
	health    health
	recorder  *tracemetrics.Recorder // nil where metrics are not configured
	owner     Owner
	keeper    *keeper // nil where nothing is stored

	unregister func() // takes the routes off the console
}

// Owner is the component that a sampler is part of.
type Owner struct {
	Kind component.Kind
	ID   component.ID
}

var (
	_ component.Component = (*Sampler)(nil)
	_ consumer.Traces     = (*Sampler)(nil)
)

// New makes a sampler that hands on to next what it keeps. It fails where a rule does not compile, which Validate finds too.
func New(set component.TelemetrySettings, owner Owner, cfg *Config, next consumer.Traces) (*Sampler, error) {
	tel, err := newTelemetry(set)
	if err != nil {
		return nil, err
	}
	ec, err := cfg.Engine(set, tel.ruleFailed)
	if err != nil {
		return nil, err
	}
	s := &Sampler{telemetry: tel, logger: set.Logger, config: cfg, rules: ec.Rules, owner: owner}
	s.recorder = cfg.recorder(func(op tracesketch.Operation) (tailsampling.OperationName, bool) { return s.engine.OperationName(op) })
	var observer tailsampling.Observer = tel
	if s.recorder != nil {
		observer = observers{tel, s.recorder}
		if cfg.Metrics.Get().Operations {
			ec.Spans = s.recorder
		}
	}
	s.engine = tailsampling.New(ec, next, observer, time.Now)
	return s, nil
}

// Start begins to decide.
func (s *Sampler) Start(ctx context.Context, host component.Host) error {
	s.health.host = host
	if err := s.telemetry.watch(s.engine); err != nil {
		return err
	}
	s.telemetry.zero(ctx, s.rules)
	s.logger.Info("Sampling starts; every pipeline that names this processor has a budget of its own",
		zap.Any("budget", s.config.Budget.describe()), zap.Bool("dry_run", s.config.DryRun))
	for _, advice := range s.advices() {
		s.logger.Warn("The configuration may not do what is meant", zap.String("advice", advice))
	}
	if s.config.Storage != nil {
		k, err := s.keep(ctx, host)
		if err != nil {
			return err
		}
		s.keeper = k
	}
	if s.config.Journal.HasValue() {
		if err := s.openJournal(); err != nil {
			return err
		}
	}
	s.engine.Start()
	var err error
	s.unregister, err = s.register(host)
	return err
}

// advices are what is valid in the configuration, and probably not what was meant.
func (s *Sampler) advices() []string {
	advices := s.config.Advice()
	if m := s.config.memoryAdvice(containerMiB(os.ReadFile)); m != "" {
		advices = append(advices, m)
	}
	return advices
}

// Shutdown decides what is open and hands on what is kept.
func (s *Sampler) Shutdown(ctx context.Context) error {
	if s.unregister != nil {
		s.unregister()
	}
	err := s.engine.Shutdown(ctx)
	if s.keeper != nil {
		err = errors.Join(err, s.keeper.close(ctx))
		s.keeper = nil
	}
	s.logLeft()
	s.telemetry.close()
	s.logger.Info("Sampling has ended; decisions since the last scrape are in these totals", s.telemetry.totals()...)
	return err
}

// Metrics counts all traces that the sampler decides; nil where metrics are not configured.
func (s *Sampler) Metrics() *tracemetrics.Recorder { return s.recorder }

// MetricsLost counts points of metrics of all traces that nobody took, for a reason: rejected, waiting or shutdown.
func (s *Sampler) MetricsLost(ctx context.Context, reason string, points int) {
	s.telemetry.builder.ProcessorSmartTailSamplingLostMetricPoints.Add(ctx, int64(points), outcome{reason: reason}.attributes())
}

// Capabilities says that incoming data is left as it is.
func (*Sampler) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// ConsumeTraces buffers the spans of td, or answers with a retryable error.
func (s *Sampler) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	err := s.engine.Consume(ctx, td)
	s.health.note(err, s.engine.Roomy)
	return err
}

// describe gives the one unit that is set, for the log.
func (b *BudgetConfig) describe() map[string]float64 {
	d := tailsampling.Defaults().Budget
	out := map[string]float64{"percentage": d.Value}
	for _, u := range b.units() {
		clear(out)
		out[u.key] = *u.value
	}
	return out
}
