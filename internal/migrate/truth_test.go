package migrate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/assayhq/assay/internal/migrate"
	"github.com/assayhq/assay/internal/smarttailsampling"
)

// traces in shorthand: one span a word, the first being the root.
//
//	ok       a span of 100 ms         k=v     with an attribute, of the span
//	error    that failed              r:k=v   of its resource
//	slow     of 2 s                   n=7     a number
//	ts:x     with that tracestate
var traces = []string{
	"ok", "ok ok ok ok ok", "error", "ok error", "slow", "slow,error ok",
	"tenant=acme", "ok tenant=acme", "r:tenant=acme", "tenant=other", "tenant=acme,error", "tenant=acme tenant=other",
	"code=404", "code=500", "code=404,tenant=acme", "code=404 tenant=acme", "flag=true", "flag=false",
	"path=/healthz", "path=/healthz error", "ts:vendor=1", "ts:vendor=2",
}

// truth is a list of policies, and the traces that tail_sampling samples with it. Where differs, some trace may be decided otherwise
// after the migration; the difference must be listed then, and the traces are those of tail_sampling.
type truth struct {
	name, policies string
	differs        []int // traces that are decided otherwise
}

func (c *truth) config() string {
	return "processors:\n  tail_sampling:\n    decision_wait: 2s\n    policies:\n      - " +
		strings.ReplaceAll(strings.TrimSpace(c.policies), "\n", "\n      - ") +
		"\nservice: {pipelines: {traces: {receivers: [otlp], processors: [tail_sampling], exporters: [debug]}}}\n"
}

const (
	tenant      = `{name: tenant, type: string_attribute, string_attribute: {key: tenant, values: [acme]}}`
	notHealth   = `{name: not-health, type: string_attribute, string_attribute: {key: path, values: [/healthz], invert_match: true}}`
	clientError = `{name: code, type: numeric_attribute, numeric_attribute: {key: code, min_value: 400, max_value: 499}}`
	failed      = `{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}`
)

var truths = []truth{
	{name: "always", policies: `{name: all, type: always_sample}`},
	{name: "errors", policies: failed},
	{name: "latency", policies: `{name: slow, type: latency, latency: {threshold_ms: 1000}}`},
	{name: "latency within", policies: `{name: mid, type: latency, latency: {threshold_ms: 50, upper_threshold_ms: 1000}}`},
	{name: "string", policies: tenant},
	{name: "string by pattern", policies: `{name: t, type: string_attribute, string_attribute: {key: tenant, values: ["ac.*", "^oth"], enabled_regex_matching: true}}`},
	{name: "not that string", policies: notHealth},
	{name: "numbers", policies: clientError},
	{name: "a number and more", policies: `{name: code, type: numeric_attribute, numeric_attribute: {key: code, min_value: 450}}`},
	{name: "boolean", policies: `{name: flag, type: boolean_attribute, boolean_attribute: {key: flag, value: true}}`},
	{name: "boolean inverted", policies: `{name: flag, type: boolean_attribute, boolean_attribute: {key: flag, value: true, invert_match: true}}`},
	{name: "spans", policies: `{name: large, type: span_count, span_count: {min_spans: 2, max_spans: 4}}`},
	{name: "tracestate", policies: `{name: vendor, type: trace_state, trace_state: {key: vendor, values: ["1"]}}`},
	{name: "ottl", policies: `{name: ottl, type: ottl_condition, ottl_condition: {error_mode: ignore, span: ['attributes["tenant"] == "acme"', 'attributes["code"] == 500']}}`},
	{name: "and", policies: `{name: both, type: and, and: {and_sub_policy: [` + tenant + `, ` + failed + `]}}`},
	{name: "and of attributes", policies: `{name: both, type: and, and: {and_sub_policy: [` + tenant + `, ` + clientError + `]}}`, differs: []int{15}},
	{name: "not", policies: `{name: others, type: not, not: {not_sub_policy: ` + tenant + `}}`},
	{name: "drop", policies: `{name: health, type: drop, drop: {drop_sub_policy: [{name: h, type: string_attribute, string_attribute: {key: path, values: [/healthz]}}]}}
` + failed},
	{name: "two", policies: failed + "\n" + tenant},
	{name: "inverted beside others", policies: notHealth + "\n" + failed},
}

// batch is all traces.
func batch() ptrace.Traces {
	td := ptrace.NewTraces()
	for n, trace := range traces {
		for k, word := range strings.Fields(trace) {
			rs := td.ResourceSpans().AppendEmpty()
			s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			s.SetTraceID(pcommon.TraceID{0: 1, 9: byte(37 * n), 15: byte(n)})
			s.SetSpanID(pcommon.SpanID{byte(k + 1)})
			if k > 0 {
				s.SetParentSpanID(pcommon.SpanID{1})
			}
			s.SetName("span")
			length := 100 * time.Millisecond
			for part := range strings.SplitSeq(word, ",") {
				attributes := s.Attributes()
				if rest, ok := strings.CutPrefix(part, "r:"); ok {
					part, attributes = rest, rs.Resource().Attributes()
				}
				key, value, _ := strings.Cut(part, "=")
				switch {
				case part == "slow":
					length = 2 * time.Second
				case part == "error":
					s.Status().SetCode(ptrace.StatusCodeError)
				case strings.HasPrefix(part, "ts:"):
					s.TraceState().FromRaw(part[len("ts:"):])
				case key == "code":
					var code int64
					_, _ = fmt.Sscan(value, &code)
					attributes.PutInt(key, code)
				case key == "flag":
					attributes.PutBool(key, value == "true")
				case value != "":
					attributes.PutStr(key, value)
				}
			}
			s.SetStartTimestamp(1_700_000_000_000_000_000)
			s.SetEndTimestamp(s.StartTimestamp() + pcommon.Timestamp(length))
		}
	}
	return td
}

// decided runs a sampler over all traces and tells which are kept.
func decided(t *testing.T, create func(consumer.Traces) (component.Component, consumer.Traces)) []bool {
	t.Helper()
	sink := new(consumertest.TracesSink)
	c, in := create(sink)
	require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, in.ConsumeTraces(t.Context(), batch()))
	<-time.After(20 * time.Second)
	require.NoError(t, c.Shutdown(context.Background()))
	kept := make([]bool, len(traces))
	for _, td := range sink.AllTraces() {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					id := s.TraceID()
					kept[id[15]] = true
				}
			}
		}
	}
	return kept
}

// Both samplers, side by side: what tail_sampling samples is kept after the migration and nothing else, but for what is listed.
func TestTruth(t *testing.T) {
	for _, c := range truths {
		t.Run(c.name, func(t *testing.T) {
			r, err := migrate.Migrate([]byte(c.config()), migrate.Options{Rest: 0})
			require.NoError(t, err)
			contrib := tailsamplingprocessor.NewFactory()
			old := processorIn(t, []byte(c.config()), "tail_sampling", contrib.CreateDefaultConfig())
			cfg := processorIn(t, r.Output, "smart_tail_sampling", smarttailsampling.DefaultConfig())
			var was, is []bool
			synctest.Test(t, func(t *testing.T) {
				was = decided(t, func(next consumer.Traces) (component.Component, consumer.Traces) {
					var p processor.Traces
					p, err = contrib.CreateTraces(t.Context(), processortest.NewNopSettings(contrib.Type()), old, next)
					require.NoError(t, err)
					return p, p
				})
			})
			synctest.Test(t, func(t *testing.T) {
				is = decided(t, func(next consumer.Traces) (component.Component, consumer.Traces) {
					s, err := smarttailsampling.New(componenttest.NewNopTelemetrySettings(),
						smarttailsampling.Owner{Kind: component.KindProcessor, ID: component.MustNewID("smart_tail_sampling")}, cfg, next)
					require.NoError(t, err)
					return s, s
				})
			})
			listed := map[int]bool{}
			for _, n := range c.differs {
				listed[n] = true
			}
			some := false
			for n, trace := range traces {
				some = some || was[n]
				if listed[n] {
					assert.NotEqual(t, was[n], is[n], "%q is said to be decided otherwise", trace)
					continue
				}
				assert.Equal(t, was[n], is[n], "trace %d: %q, after\n%s", n, trace, r.Output)
			}
			assert.True(t, some, "the table says something")
			if len(c.differs) > 0 {
				assert.Equal(t, migrate.Differs, r.Worst(), "it is listed")
			}
		})
	}
}
