package smarttailsamplingconnector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/smarttailsampling"
)

var (
	_ connector.Traces = (*tracesNode)(nil)
	_ connector.Traces = (*metricsNode)(nil)
)

// node is what the nodes of a connector have in common.
type node struct {
	*shared
	sampler *smarttailsampling.Sampler // from Start on
}

// Capabilities says that incoming data is left as it is.
func (*node) Capabilities() consumer.Capabilities { return consumer.Capabilities{MutatesData: false} }

// tracesNode takes traces in; what is kept leaves by it.
type tracesNode struct{ node }

// Start begins to decide.
func (n *tracesNode) Start(ctx context.Context, host component.Host) (err error) {
	n.sampler, err = n.start(ctx, host)
	return err
}

// ConsumeTraces buffers the spans of td, or answers with a retryable error.
func (n *tracesNode) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	return n.sampler.ConsumeTraces(ctx, td)
}

// Shutdown decides what is open and hands on what is kept.
func (n *tracesNode) Shutdown(ctx context.Context) error { return n.stop(ctx) }

// metricsNode sends metrics on. It takes traces in where there is no other node that does.
type metricsNode struct {
	node
	loop *loop // from Start on
}

// Start begins to decide and to send.
func (n *metricsNode) Start(ctx context.Context, host component.Host) (err error) {
	if n.sampler, err = n.start(ctx, host); err != nil {
		return err
	}
	n.loop = startLoop(n.sampler, n.metrics, n.set, n.counts.Delta(), n.counts.Interval) //nolint:contextcheck // it outlives Start
	return nil
}

// ConsumeTraces is for where traces have no other way in.
func (n *metricsNode) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	if n.traces != nil {
		return nil
	}
	return n.sampler.ConsumeTraces(ctx, td)
}

// Shutdown decides what is open and sends what was not sent.
func (n *metricsNode) Shutdown(ctx context.Context) error {
	err := n.stop(ctx)
	if n.loop != nil {
		n.loop.stop(ctx)
		n.loop = nil
	}
	return err
}
