package smarttailsamplingprocessor

import (
	"context"
	"os"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tailsampling"
)

// tracesProcessor connects an engine to a pipeline.
type tracesProcessor struct {
	engine    *tailsampling.Engine
	telemetry *telemetry
	logger    *zap.Logger
	config    *Config
	rules     []tailsampling.Rule
	health    health
}

var _ processor.Traces = (*tracesProcessor)(nil)

func newProcessor(set processor.Settings, cfg *Config, next consumer.Traces) (*tracesProcessor, error) {
	tel, err := newTelemetry(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	ec, err := cfg.Engine(set.TelemetrySettings, tel.ruleFailed)
	if err != nil {
		return nil, err
	}
	p := &tracesProcessor{telemetry: tel, logger: set.Logger, config: cfg, rules: ec.Rules}
	p.engine = tailsampling.New(ec, next, tel, time.Now)
	return p, nil
}

// Start begins to decide.
func (p *tracesProcessor) Start(ctx context.Context, host component.Host) error {
	p.health.host = host
	if err := p.telemetry.watch(p.engine); err != nil {
		return err
	}
	p.telemetry.zero(ctx, p.rules)
	p.logger.Info("Sampling starts; every pipeline that names this processor has a budget of its own",
		zap.Any("budget", p.config.Budget.describe()), zap.Bool("dry_run", p.config.DryRun))
	advices := p.config.Advice()
	if m := p.config.memoryAdvice(containerMiB(os.ReadFile)); m != "" {
		advices = append(advices, m)
	}
	for _, advice := range advices {
		p.logger.Warn("The configuration may not do what is meant", zap.String("advice", advice))
	}
	p.engine.Start()
	return nil
}

// Shutdown decides what is open and hands on what is kept.
func (p *tracesProcessor) Shutdown(ctx context.Context) error {
	err := p.engine.Shutdown(ctx)
	p.telemetry.close()
	p.logger.Info("Sampling has ended; decisions since the last scrape are in these totals", p.telemetry.totals()...)
	return err
}

// Capabilities says that incoming data is left as it is.
func (*tracesProcessor) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// ConsumeTraces buffers the spans of td, or answers with a retryable error.
func (p *tracesProcessor) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	err := p.engine.Consume(ctx, td)
	p.health.note(err, p.engine.Roomy)
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
