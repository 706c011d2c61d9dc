package migrate

import (
	"context"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.yaml.in/yaml/v3"

	"github.com/assayhq/assay/internal/smarttailsampling"
	"github.com/assayhq/assay/internal/tailsampling"
)

// copiesOfEach is how often each trace is sent, each time with another id.
const copiesOfEach = 200

// outcome is what both samplers do with the copies of one trace.
type outcome struct {
	sampled     int     // by tail_sampling
	rule        string  // of smart_tail_sampling; "" where the budget decides
	verb        string  // of that rule
	probability float64 // that it keeps the trace with
}

// agrees tells whether the outcome is the same, but for the share that is kept of the traces that no policy samples. Chance may do as
// much as the standard deviations say.
func (o *outcome) agrees(deviations float64) bool {
	switch o.verb {
	case "keep":
		return o.sampled == copiesOfEach
	case "drop", others:
		return o.sampled == 0
	case "probability":
		deviation := deviations * math.Sqrt(copiesOfEach*o.probability*(1-o.probability))
		return math.Abs(float64(o.sampled)-copiesOfEach*o.probability) <= deviation
	default: // as much as fits
		return o.sampled > 0
	}
}

// processorSection is a processor of a configuration, as the collector reads it.
func processorSection(t testing.TB, config []byte, name string) *confmap.Conf {
	t.Helper()
	var all map[string]any
	require.NoError(t, yaml.Unmarshal(config, &all))
	section, _ := all["processors"].(map[string]any)[name].(map[string]any)
	return confmap.NewFromStringMap(section)
}

// runOld sends traces through tail_sampling. It returns the error where that does not start.
func runOld(t *testing.T, section *confmap.Conf, traces [][]ptrace.Traces) (sampled []int, err error) {
	factory := tailsamplingprocessor.NewFactory()
	cfg := factory.CreateDefaultConfig()
	if err := section.Unmarshal(cfg); err != nil {
		return nil, err
	}
	if err := cfg.(*tailsamplingprocessor.Config).Validate(); err != nil {
		return nil, err
	}
	sampled = make([]int, len(traces))
	synctest.Test(t, func(t *testing.T) {
		sink := new(consumertest.TracesSink)
		var p interface {
			component.Component
			ConsumeTraces(context.Context, ptrace.Traces) error
		}
		p, err = factory.CreateTraces(t.Context(), processortest.NewNopSettings(factory.Type()), cfg, sink)
		if err != nil {
			return
		}
		if err = p.Start(t.Context(), componenttest.NewNopHost()); err != nil {
			return
		}
		at := map[pcommon.TraceID]int{}
		for i, copies := range traces {
			for _, td := range copies {
				at[idOf(td)] = i
				clone := ptrace.NewTraces()
				td.CopyTo(clone)
				require.NoError(t, p.ConsumeTraces(t.Context(), clone))
			}
		}
		<-time.After(cfg.(*tailsamplingprocessor.Config).DecisionWait + 5*time.Second)
		require.NoError(t, p.Shutdown(context.Background()))
		seen := map[pcommon.TraceID]bool{}
		for _, td := range sink.AllTraces() {
			if id := idOf(td); !seen[id] {
				seen[id] = true
				sampled[at[id]]++
			}
		}
	})
	return sampled, err
}

func idOf(td ptrace.Traces) pcommon.TraceID {
	return td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).TraceID()
}

// observer collects decisions.
type observer struct {
	tailsampling.Observer
	decisions map[pcommon.TraceID]tailsampling.Decision
}

func (o *observer) Decided(d *tailsampling.Decision) { o.decisions[d.TraceID] = *d }
func (*observer) Selected(*tailsampling.Stats)       {}
func (*observer) Sent(int)                           {}
func (*observer) Late(bool, int)                     {}
func (*observer) Refused(int)                        {}
func (*observer) Lost(tailsampling.LossReason, int)  {}

// runNew sends traces through smart_tail_sampling, in virtual time. All copies must be decided by one rule.
func runNew(t testing.TB, section *confmap.Conf, traces [][]ptrace.Traces) []outcome {
	cfg := smarttailsampling.DefaultConfig()
	require.NoError(t, section.Unmarshal(cfg))
	require.NoError(t, cfg.Validate())
	ec, err := cfg.Engine(componenttest.NewNopTelemetrySettings(), nil)
	require.NoError(t, err)
	ec.Shards = 1
	o := &observer{decisions: map[pcommon.TraceID]tailsampling.Decision{}}
	now := time.Unix(1_700_000_000, 0)
	e := tailsampling.New(ec, consumertest.NewNop(), o, func() time.Time { return now })
	for _, copies := range traces {
		for _, td := range copies {
			require.NoError(t, e.Consume(context.Background(), td))
		}
	}
	for range 2 {
		now = now.Add(cfg.Completion.MaxWait + time.Second)
		e.Step()
		e.Drain(context.Background())
	}
	require.NoError(t, e.Shutdown(context.Background()))
	verbs := map[string]string{}
	for _, r := range cfg.Rules {
		verbs[r.Name] = r.Action
		if r.Name == others || strings.HasPrefix(r.Name, others+"-") {
			verbs[r.Name] = others
		}
	}
	out := make([]outcome, len(traces))
	for i, copies := range traces {
		for n, td := range copies {
			d, ok := o.decisions[idOf(td)]
			require.True(t, ok, "decided")
			one := outcome{rule: d.Rule, verb: verbs[d.Rule], probability: d.Probability}
			if one.verb == "weight" || one.verb == "" {
				one.probability = 0 // depends on what else there is
			}
			if n > 0 {
				require.Equal(t, out[i].rule, one.rule, "copies of one trace")
			}
			out[i] = one
		}
	}
	return out
}
