package sentinelreceiver

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/generator"
)

// Names of the metrics of its own work: a road besides the manifests by which a verifier elsewhere can learn what was sent.
const (
	metricTraces = "assay.sentinel.traces" // by stream and outcome, cumulative
	metricSpans  = "assay.sentinel.spans"
	metricSlot   = "assay.sentinel.slot" // up to which the others are final, in seconds since the epoch
)

// reporter sends metrics into a pipeline, at an interval and at the end.
type reporter struct {
	receiver *sentinelReceiver
	begin    time.Time
	cancel   context.CancelFunc
	running  sync.WaitGroup
}

func newReporter(r *sentinelReceiver) *reporter { return &reporter{receiver: r, begin: time.Now()} }

func (p *reporter) start() {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.running.Go(func() {
		ticker := time.NewTicker(p.receiver.config.MetricsInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				_ = p.send(ctx) // which has logged it
			}
		}
	})
}

// shutdown sends the final numbers.
func (p *reporter) shutdown(ctx context.Context) error {
	p.cancel()
	p.running.Wait()
	return p.send(ctx)
}

// send is not repeated: the numbers are cumulative, and the next ones say more.
func (p *reporter) send(ctx context.Context) error {
	r := p.receiver
	md := p.build(time.Now())
	ctx = r.telemetry.obs.StartMetricsOp(ctx)
	err := r.metrics.ConsumeMetrics(ctx, md)
	r.telemetry.obs.EndMetricsOp(ctx, format, md.DataPointCount(), err)
	if err != nil {
		r.telemetry.logger.Warn("The pipeline refuses metrics of the sentinel", zap.Error(err))
	}
	return err
}

func (p *reporter) build(now time.Time) pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "assay-sentinel")
	rm.Resource().Attributes().PutStr("assay.sentinel.receiver", p.receiver.settings.ID.String())
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName("github.com/assayhq/assay/receiver/sentinelreceiver")
	traces := sum(sm, metricTraces, "Traces that were due, by what became of them at the source.", "{traces}")
	spans := sum(sm, metricSpans, "Spans that were sent.", "{spans}")
	slot := sm.Metrics().AppendEmpty()
	slot.SetName(metricSlot)
	slot.SetDescription("The last second up to which it is known of every trace whether it was accepted.")
	slot.SetUnit("s")
	slots := slot.SetEmptyGauge().DataPoints()
	for i, s := range p.receiver.streams {
		c := p.receiver.generator.Counts(i)
		point := func(to pmetric.NumberDataPointSlice, outcome string, value uint64) {
			d := to.AppendEmpty()
			d.SetStartTimestamp(pcommon.NewTimestampFromTime(p.begin))
			d.SetTimestamp(pcommon.NewTimestampFromTime(now))
			d.Attributes().PutStr("stream", s.Config().Name)
			if outcome != "" {
				d.Attributes().PutStr("outcome", outcome)
			}
			d.SetIntValue(int64(value))
		}
		eachOutcome(c, func(outcome string, n, spanCount uint64) {
			point(traces, outcome, n)
			if outcome != skipped {
				point(spans, outcome, spanCount)
			}
		})
		if c.Settled > 0 {
			point(slots, "", uint64(c.Settled))
		}
	}
	return md
}

func eachOutcome(c generator.Counts, do func(outcome string, traces, spans uint64)) {
	do(accepted, c.Accepted, c.SpansAccepted)
	do(refused, c.Refused, c.SpansRefused)
	do(skipped, c.Skipped, 0)
}

func sum(sm pmetric.ScopeMetrics, name, description, unit string) pmetric.NumberDataPointSlice {
	m := sm.Metrics().AppendEmpty()
	m.SetName(name)
	m.SetDescription(description)
	m.SetUnit(unit)
	s := m.SetEmptySum()
	s.SetIsMonotonic(true)
	s.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	return s.DataPoints()
}
